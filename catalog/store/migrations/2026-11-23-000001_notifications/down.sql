DROP TABLE subscription;
DROP TABLE event_counter;
DROP TABLE event;
