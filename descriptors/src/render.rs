//! Findings drawn for a terminal, with the lines that they are about.

use std::fmt::Write;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report,
    ThemeCharacters, ThemeStyles,
};

use crate::finding::{Finding, Severity, Sources};

/// How findings are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// With colours and lines, for a terminal.
    Terminal,
    /// In plain characters, for files and pipes.
    Plain,
}

impl Style {
    /// Colours only on a terminal, and not where they are unwanted (`NO_COLOR`).
    #[must_use]
    pub fn choose(is_terminal: bool) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if is_terminal && !no_color { Self::Terminal } else { Self::Plain }
    }
}

/// Draws findings one after the other, and counts them.
#[must_use]
pub fn render(findings: &[Finding], sources: &Sources, style: Style) -> String {
    let mut drawn = String::new();
    for finding in findings {
        drawn.push_str(&render_one(finding, sources, style));
        drawn.push('\n');
    }
    drawn.push_str(&summary(findings));
    drawn
}

/// `2 errors, 1 warning`.
#[must_use]
pub fn summary(findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
    let plural = |count: usize, noun: &str| match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    };
    let (errors, warnings) = (plural(errors, "error"), plural(findings.len() - errors, "warning"));
    format!("{errors}, {warnings}\n")
}

fn render_one(finding: &Finding, sources: &Sources, style: Style) -> String {
    let theme = match style {
        Style::Terminal => GraphicalTheme::unicode(),
        Style::Plain => {
            GraphicalTheme { characters: ThemeCharacters::ascii(), styles: ThemeStyles::none() }
        }
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_context_lines(1)
        .with_width(100)
        .with_links(false)
        .without_syntax_highlighting();
    let mut drawn = String::new();
    let report = report(finding, sources);
    if handler.render_report(&mut drawn, report.as_ref()).is_err() {
        // Drawing can fail only in memory; the plain line says the same.
        drawn.clear();
        let _ = writeln!(drawn, "{finding}");
    }
    drawn.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
        + "\n"
}

fn report(finding: &Finding, sources: &Sources) -> Report {
    let source = sources.text(&finding.file);
    let message = match (source, finding.span) {
        (Some(_), Some(_)) => finding.message.clone(),
        _ if finding.file.is_empty() => finding.message.clone(),
        _ => format!("{}: {}", finding.file, finding.message),
    };
    let mut diagnostic = MietteDiagnostic::new(message)
        .with_code(format!("{}[{}]", finding.severity, finding.code))
        .with_severity(match finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        });
    if let Some(help) = &finding.help {
        diagnostic = diagnostic.with_help(help);
    }
    let (Some(text), Some(span)) = (source, finding.span) else {
        return Report::new(diagnostic);
    };
    diagnostic = diagnostic.with_label(LabeledSpan::new(None, span.offset, span.length));
    let source = NamedSource::new(&finding.file, text.to_string());
    Report::new(diagnostic).with_source_code(source)
}
