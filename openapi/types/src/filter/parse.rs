//! From text to terms; every error says at which character.

use std::str::FromStr;

use super::{Filter, FilterError, MAX_TERMS, Operator, Step, Term};

impl FromStr for Filter {
    type Err = FilterError;

    /// Reads the expression of a `filter` parameter, in the present style or that of the first releases.
    fn from_str(text: &str) -> Result<Self, FilterError> {
        if !text.is_empty() && !text.starts_with('(') {
            return old_filter(text);
        }
        let mut cursor = Cursor { text, at: 0 };
        let mut terms = Vec::new();
        while !cursor.is_done() {
            if !terms.is_empty() {
                cursor.expect(';', "between two terms")?;
            }
            terms.push(term(&mut cursor)?);
        }
        bounded(terms)
    }
}

/// The terms as a filter, unless there are too many.
pub(super) fn bounded(terms: Vec<Term>) -> Result<Filter, FilterError> {
    if terms.len() > MAX_TERMS {
        let reason = format!("it has {} terms, and {MAX_TERMS} are allowed", terms.len());
        return Err(FilterError { position: 1, reason });
    }
    Ok(Filter { terms })
}

/// `(operator,path,value[,value…])`
fn term(cursor: &mut Cursor<'_>) -> Result<Term, FilterError> {
    cursor.expect('(', "to open a term")?;
    let operator = operator(cursor)?;
    cursor.expect(',', "after the operator")?;
    let path = path(cursor)?;
    let mut values = Vec::new();
    while cursor.skip(',') {
        values.push(value(cursor)?);
    }
    match values.len() {
        0 => return Err(cursor.error("a value is missing; expected `,` and a value")),
        1 => {}
        _ if operator.takes_many() => {}
        count => {
            let reason = format!("`{operator}` compares with one value, and {count} are given");
            return Err(cursor.error(reason));
        }
    }
    cursor.expect(')', "to close the term")?;
    Ok(Term { operator, path, values })
}

fn operator(cursor: &mut Cursor<'_>) -> Result<Operator, FilterError> {
    let start = cursor.position();
    cursor.take_until(&[',', ')']).parse().map_err(|unknown: crate::UnknownValue| FilterError {
        position: start,
        reason: format!("`{}` is not an operator; expected {}", unknown.value, unknown.expected),
    })
}

/// `name[/name…]`
fn path(cursor: &mut Cursor<'_>) -> Result<Vec<Step>, FilterError> {
    let mut steps = Vec::new();
    loop {
        let start = cursor.position();
        steps.push(step(cursor.take_until(&[',', '/']), start)?);
        if !cursor.skip('/') {
            return Ok(steps);
        }
    }
}

fn step(name: &str, position: usize) -> Result<Step, FilterError> {
    match name {
        "" => Err(FilterError { position, reason: "an attribute name is missing".to_owned() }),
        "@key" => Ok(Step::Keys),
        name => unescape(name)
            .map(Step::Attribute)
            .map_err(|escape| FilterError { position, reason: bad_escape(&escape) }),
    }
}

fn bad_escape(escape: &str) -> String {
    format!("`{escape}` is not an escape; expected ~0, ~1, ~a or ~b")
}

/// An attribute name without its escapes, or the escape that is none.
pub(crate) fn unescape(name: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(name.len());
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        if character != '~' {
            plain.push(character);
            continue;
        }
        let escape = characters.next();
        plain.push(match escape {
            Some('0') => '~',
            Some('1') => '/',
            Some('a') => ',',
            Some('b') => '@',
            Some(other) => return Err(format!("~{other}")),
            None => return Err("~".to_owned()),
        });
    }
    Ok(plain)
}

/// A bare value, or one in single quotes.
fn value(cursor: &mut Cursor<'_>) -> Result<String, FilterError> {
    if !cursor.skip('\'') {
        return Ok(cursor.take_until(&[',', ')']).to_owned());
    }
    let mut value = String::new();
    loop {
        value.push_str(cursor.take_until(&['\'']));
        cursor.expect('\'', "to close the quoted value")?;
        if !cursor.skip('\'') {
            return Ok(value);
        }
        value.push('\'');
    }
}

/// `path.operator=value` terms in one text, separated by `;` or `&`.
fn old_filter(text: &str) -> Result<Filter, FilterError> {
    let mut terms = Vec::new();
    let mut position = 1;
    for part in text.split([';', '&']) {
        let found = match part.split_once('=') {
            Some((name, value)) => old_term(name, value)?,
            None => None,
        };
        terms.push(found.ok_or_else(|| FilterError {
            position,
            reason: "expected `(operator,attribute,value)`".to_owned(),
        })?);
        position += part.chars().count() + 1;
    }
    bounded(terms)
}

/// A query parameter of the first releases, `path.operator=value[,value…]`; `None` if it is no filter.
pub(super) fn old_term(name: &str, value: &str) -> Result<Option<Term>, FilterError> {
    let Some((attributes, operator)) = name.rsplit_once('.') else { return Ok(None) };
    let Ok(operator) = operator.parse::<Operator>() else { return Ok(None) };
    let path = attributes.split('.').map(|name| step(name, 1)).collect::<Result<_, _>>()?;
    let values = if operator.takes_many() {
        value.split(',').map(str::to_owned).collect()
    } else {
        vec![value.to_owned()]
    };
    Ok(Some(Term { operator, path, values }))
}

/// A place in the text of a filter.
struct Cursor<'a> {
    text: &'a str,
    /// In bytes, always between two characters.
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn is_done(&self) -> bool {
        self.rest().is_empty()
    }

    /// The character ahead, counted from one.
    fn position(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    /// Passes over `expected` if it is ahead.
    fn skip(&mut self, expected: char) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len_utf8();
        }
        found
    }

    fn expect(&mut self, expected: char, purpose: &str) -> Result<(), FilterError> {
        if self.skip(expected) {
            return Ok(());
        }
        let found = match self.rest().chars().next() {
            Some(character) => format!("`{character}`"),
            None => "the end".to_owned(),
        };
        Err(self.error(format!("expected `{expected}` {purpose}, found {found}")))
    }

    /// What lies ahead of the first of `ends`, or of the end.
    fn take_until(&mut self, ends: &[char]) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn error(&self, reason: impl Into<String>) -> FilterError {
        FilterError { position: self.position(), reason: reason.into() }
    }
}
