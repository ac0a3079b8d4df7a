//! How a log line looks: what happened, and what it is part of.
//!
//! The fields of the spans around an event stand beside its own, so that every line of a step says
//! its operation. Fields with a dot in their name follow OpenTelemetry and are for traces alone.

use std::error::Error;
use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::logging::LogFormat;
use super::traces::TraceId;

/// What people do not want to read on every line; machines get it.
const FOR_MACHINES: &[&str] = &["trace_id", "request_id", "node", "about", "direction"];

/// Writes log lines.
#[derive(Debug)]
pub struct LogLine {
    format: LogFormat,
}

impl LogLine {
    /// Lines in this format.
    pub fn new(format: LogFormat) -> Self {
        Self { format }
    }
}

impl<S> FormatEvent<S, JsonFields> for LogLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields(surroundings(context));
        event.record(&mut fields);
        let Fields(mut fields) = fields;
        let message = match fields.shift_remove("message") {
            Some(Value::String(message)) => message,
            _ => String::new(),
        };
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let level = *event.metadata().level();
        match self.format {
            LogFormat::Text => write_text(&mut writer, &time, level, &message, &fields),
            LogFormat::Json => {
                let mut line = Map::new();
                line.insert("timestamp".to_owned(), time.into());
                line.insert("level".to_owned(), level.as_str().into());
                line.insert("target".to_owned(), event.metadata().target().into());
                line.insert("message".to_owned(), message.into());
                line.extend(fields);
                writeln!(writer, "{}", Value::Object(line))
            }
        }
    }
}

/// The fields of the spans around an event, the outermost first.
fn surroundings<S>(context: &FmtContext<'_, S, JsonFields>) -> Map<String, Value>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    JsonFields: for<'writer> FormatFields<'writer>,
{
    let mut fields = Map::new();
    for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
        let extensions = span.extensions();
        if let Some(TraceId(id)) = extensions.get::<TraceId>() {
            fields.insert("trace_id".to_owned(), id.clone().into());
        }
        let Some(written) = extensions.get::<FormattedFields<JsonFields>>() else { continue };
        if let Ok(written) = serde_json::from_str::<Map<String, Value>>(&written.fields) {
            fields.extend(written.into_iter().filter(|(name, _)| !name.contains('.')));
        }
    }
    fields
}

fn write_text(
    writer: &mut Writer<'_>,
    time: &str,
    level: Level,
    message: &str,
    fields: &Map<String, Value>,
) -> fmt::Result {
    let ansi = writer.has_ansi_escapes();
    let (dim, end) = if ansi { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
    let colour = match level {
        _ if !ansi => "",
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[34m",
    };
    write!(writer, "{dim}{time}{end} {colour}{:>5}{end} {}", level.as_str(), printable(message))?;
    write!(writer, "{dim}")?;
    for (name, value) in fields.iter().filter(|(name, _)| !FOR_MACHINES.contains(&name.as_str())) {
        match value.as_str().filter(|text| is_word(text)) {
            Some(word) => write!(writer, " {name}={word}")?,
            None => write!(writer, " {name}={value}")?,
        }
    }
    writeln!(writer, "{end}")
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && c != '"')
}

/// What a guest wrote to its console may be part of a message; it must not command the terminal.
fn printable(message: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    message.chars().map(shown).collect()
}

/// An event's own fields; they go before those of its spans.
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut told = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            told += &format!(": {error}");
            cause = error.source();
        }
        self.put(field, told);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guests_console_cannot_command_the_terminal() {
        assert_eq!(printable("login:\x1b[2J\n"), "login:\u{fffd}[2J\n");
    }

    #[test]
    fn text_shows_what_it_is_about_and_leaves_ids_of_traces_to_machines() {
        let fields = serde_json::json!({
            "trace_id": "4bf9", "operation": "0193", "step": "start_vm", "error": "no room"
        });
        let mut line = String::new();
        let fields = fields.as_object().unwrap();
        write_text(&mut Writer::new(&mut line), "now", Level::WARN, "a step failed", fields)
            .unwrap();
        assert_eq!(
            line,
            "now  WARN a step failed operation=0193 step=start_vm error=\"no room\"\n"
        );
    }
}
