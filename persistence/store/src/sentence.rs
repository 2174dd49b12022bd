//! Statements whose conditions depend on what is asked.
//!
//! `($1 IS NULL OR column = $1)` lets one text serve every question, and the database plans it anew each time, because the
//! plan that suits all of them suits none; for a short question that takes longer than the answer. A text that holds only
//! what was asked is planned once on each connection.

use sea_orm::{DbBackend, Statement, Value};

use crate::read::PeopleFilter;

/// A statement that is being put together. Its first values are `$1` and so on in the text it begins with.
#[derive(Debug)]
pub(crate) struct Sentence {
    text: String,
    values: Vec<Value>,
}

impl Sentence {
    /// One that begins like this.
    pub(crate) fn new(text: &str, values: impl IntoIterator<Item = Value>) -> Self {
        Self { text: text.to_owned(), values: values.into_iter().collect() }
    }

    /// Adds text in which each `{}` stands for the next of these values.
    pub(crate) fn push<const N: usize>(&mut self, text: &str, values: [Value; N]) {
        let mut values = values.into_iter();
        for (index, part) in text.split("{}").enumerate() {
            if index > 0 {
                self.values.extend(values.next());
                self.text.push_str(&format!("${}", self.values.len()));
            }
            self.text.push_str(part);
        }
    }

    /// Adds a value that the text names by its number.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) {
        self.values.push(value.into());
    }

    /// Adds text with one `{}` where there is a value.
    pub(crate) fn maybe(&mut self, text: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.push(text, [value.into()]);
        }
    }

    /// Adds that `column` is one of the people, where these are not all of them. `$1` is the agency, `$2` the day.
    pub(crate) fn within(&mut self, column: &str, people: PeopleFilter) {
        let PeopleFilter { all, own, below, units } = people;
        if !all {
            let text = format!(" AND {column} IN (SELECT people_within($1, $2, {{}}, {{}}, {{}}))");
            self.push(&text, [own.into(), below.into(), units.into()]);
        }
    }

    /// A statement whose text was put together already, with `{name}` for each value: those it names are bound.
    pub(crate) fn named<const N: usize>(text: &str, values: [(&'static str, Value); N]) -> Statement {
        let mut sentence = Self::new("", []);
        let mut bound: Vec<&str> = Vec::new();
        for part in text.split('{') {
            let Some((name, rest)) = part.split_once('}') else {
                sentence.text.push_str(part);
                continue;
            };
            let at = bound.iter().position(|one| *one == name).unwrap_or_else(|| {
                let value = values.iter().find(|(one, _)| *one == name);
                sentence.values.extend(value.map(|(_, value)| value.clone()));
                bound.push(name);
                bound.len() - 1
            });
            sentence.text.push_str(&format!("${}{rest}", at + 1));
        }
        sentence.finish()
    }

    /// The statement.
    pub(crate) fn finish(self) -> Statement {
        Statement::from_sql_and_values(DbBackend::Postgres, self.text, self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_in_the_order_in_which_they_come() {
        let mut sentence = Sentence::new("SELECT $1", [1.into()]);
        sentence.push(" WHERE a = {} AND b > {}", [2.into(), 3.into()]);
        sentence.maybe(" AND c = {}", None::<i32>);
        sentence.maybe(" AND d = {}", Some(4));
        sentence.push(" LIMIT 1", []);
        assert_eq!(sentence.text, "SELECT $1 WHERE a = $2 AND b > $3 AND d = $4 LIMIT 1");
        assert_eq!(sentence.values, [1, 2, 3, 4].map(Value::from));
    }

    #[test]
    fn a_name_is_one_value_however_often_it_stands_there() {
        let values = [("a", 1.into()), ("unused", 2.into()), ("b", 3.into())];
        let Statement { sql, values, .. } = Sentence::named("x = {a} AND y > {b} OR z = {a}::int", values);
        assert_eq!(sql, "x = $1 AND y > $2 OR z = $1::int");
        assert_eq!(values.unwrap().0, [1, 3].map(Value::from));
    }

    #[test]
    fn whoever_sees_everybody_is_asked_nothing() {
        let nobody = || PeopleFilter { all: false, own: vec![], below: vec![], units: vec![] };
        let mut sentence = Sentence::new("x", []);
        sentence.within("e.id", PeopleFilter { all: true, ..nobody() });
        assert_eq!(sentence.text, "x");
        sentence.within("e.id", nobody());
        assert_eq!(sentence.text, "x AND e.id IN (SELECT people_within($1, $2, $1, $2, $3))");
    }
}
