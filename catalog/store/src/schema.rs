//! The tables, as the migrations make them.
//!
//! The document tables share one shape, so that one set of queries serves them all. What they
//! can be looked up by differs in name only: `label` here, an ETSI noun in SQL. What lists are
//! narrowed by are more columns of the same tables, seen through `vnf_listed` and `ns_listed`.

macro_rules! document_tables {
    ($($name:ident by $label:literal;)*) => {$(
        diesel::table! {
            $name (id) {
                id -> Text,
                #[sql_name = $label]
                label -> Nullable<Text>,
                document -> Text,
                generation -> BigInt,
            }
        }
    )*};
}

document_tables! {
    vnf_instance by "vnfd_id";
    ns_instance by "nsd_info_id";
    vnf_package by "vnfd_id";
    nsd by "nsd_id";
    vim by "name";
    alarm by "identity";
}

diesel::table! {
    #[sql_name = "vnf_instance"]
    vnf_listed (id) {
        id -> Text,
        vnfd_id -> Text,
        document -> Text,
        generation -> BigInt,
        state -> Text,
        name -> Text,
        provider -> Text,
        product -> Text,
        service -> Text,
    }
}

diesel::table! {
    #[sql_name = "ns_instance"]
    ns_listed (id) {
        id -> Text,
        nsd_info_id -> Text,
        document -> Text,
        generation -> BigInt,
        state -> Text,
        name -> Text,
    }
}

diesel::table! {
    operation (id) {
        id -> Text,
        kind -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        state -> Text,
        state_since -> BigInt,
        started_at -> BigInt,
        params -> Text,
        subject_before -> Text,
        cancel -> Nullable<Text>,
        error -> Nullable<Text>,
        automatic -> Bool,
        worker -> Nullable<Text>,
        lease_until -> BigInt,
        epoch -> BigInt,
    }
}

diesel::table! {
    operation_plan (operation_id) {
        operation_id -> Text,
        plan -> Text,
    }
}

diesel::table! {
    step_event (operation_id, sequence) {
        operation_id -> Text,
        sequence -> BigInt,
        event -> Text,
    }
}

diesel::table! {
    vnf_grant (id) {
        id -> Text,
        vnf_instance_id -> Text,
        operation_id -> Text,
        vnfd_id -> Text,
        document -> Text,
    }
}

diesel::table! {
    allocation (vnf_instance_id, vnfc, host_id) {
        vnf_instance_id -> Text,
        vnfc -> Text,
        host_id -> Text,
        operation_id -> Nullable<Text>,
        takes -> Text,
    }
}

diesel::table! {
    allocation_version (id) {
        id -> Integer,
        version -> BigInt,
    }
}

diesel::table! {
    token (name) {
        name -> Text,
        hash -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    event (sequence) {
        sequence -> BigInt,
        topic -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        at -> BigInt,
        document -> Text,
    }
}

diesel::table! {
    event_counter (id) {
        id -> Integer,
        last -> BigInt,
    }
}

diesel::table! {
    subscription (id) {
        id -> Text,
        topic -> Text,
        callback_uri -> Text,
        document -> Text,
        secret -> Nullable<Text>,
        created_at -> BigInt,
        cursor -> BigInt,
        attempts -> BigInt,
        error -> Nullable<Text>,
        next_attempt -> BigInt,
        parked_since -> Nullable<BigInt>,
        lost -> BigInt,
        worker -> Nullable<Text>,
        lease_until -> BigInt,
        epoch -> BigInt,
    }
}

diesel::table! {
    duty (name) {
        name -> Text,
        holder -> Text,
        held_until -> BigInt,
    }
}

diesel::joinable!(operation_plan -> operation (operation_id));
diesel::allow_tables_to_appear_in_same_query!(operation, operation_plan);
diesel::allow_tables_to_appear_in_same_query!(allocation, vnf_grant);
