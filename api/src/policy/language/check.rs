//! Which logic means something.

use std::{borrow::Cow, collections::BTreeSet};

use chrono::TimeDelta;
use serde_json::Value as Json;

use super::{
    DEEPEST, Flaw, FlawKind, LARGEST, Value,
    expression::{Expression, Order, Reduce, Root},
};
use crate::policy::vocabulary::{self, Field, Scope, Type};

/// The largest number that a rule may name.
const LARGEST_NUMBER: i64 = 1_000_000;

/// The most units that an instant may be moved by.
const FARTHEST: i64 = 100_000;

/// Entries of a list that a rule may name, and characters of a text, at the most.
const LONGEST: usize = 64;

/// `json` as logic of the kind `wanted`, with the names that it reads.
pub(super) fn check(
    json: &Json,
    scope: Scope,
    wanted: Type,
) -> Result<(Expression, BTreeSet<String>), Flaw> {
    let mut reader = Reader::new(scope);
    let read = reader.of_kind(json, wanted);
    match read {
        Ok(expression) => Ok((expression, reader.names)),
        Err(kind) => Err(Flaw {
            path: reader.path(),
            kind,
        }),
    }
}

/// Reads one piece of logic. After a flaw, `steps` lead to it.
struct Reader {
    scope: Scope,
    names: BTreeSet<String>,
    steps: Vec<Step>,
    depth: usize,
    size: usize,
    reducing: Option<Reducing>,
}

enum Step {
    Operation(String),
    Operand(usize),
}

/// What `current` and `accumulator` are.
#[derive(Clone, Copy)]
struct Reducing {
    current: Type,
    accumulator: Type,
}

type Read<T = Expression> = Result<T, FlawKind>;

impl Reader {
    fn new(scope: Scope) -> Self {
        Self {
            scope,
            names: BTreeSet::new(),
            steps: Vec::new(),
            depth: 0,
            size: 0,
            reducing: None,
        }
    }

    fn path(&self) -> String {
        let numbered = self.steps.iter().enumerate();
        numbered
            .map(|(at, step)| match step {
                Step::Operation(name) if at == 0 => name.clone(),
                Step::Operation(name) => format!(".{name}"),
                Step::Operand(at) => format!("[{at}]"),
            })
            .collect()
    }

    fn within<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.steps.push(step);
        let value = read(self)?;
        self.steps.pop();
        Ok(value)
    }

    fn of_kind(&mut self, json: &Json, wanted: Type) -> Read {
        let (expression, found) = self.any(json)?;
        if fits(found, wanted) {
            Ok(expression)
        } else {
            Err(FlawKind::WrongKind)
        }
    }

    fn any(&mut self, json: &Json) -> Read<(Expression, Type)> {
        self.size += 1;
        if self.size > LARGEST {
            return Err(FlawKind::TooLarge);
        }
        match json {
            Json::Object(operation) => {
                let mut entries = operation.iter();
                let (Some((name, operands)), None) = (entries.next(), entries.next()) else {
                    return Err(FlawKind::NotLogic);
                };
                if self.depth == DEEPEST {
                    return Err(FlawKind::TooDeep);
                }
                self.depth += 1;
                let read = self.within(Step::Operation(name.clone()), |reader| {
                    reader.operation(name, operands)
                })?;
                self.depth -= 1;
                Ok(read)
            }
            literal => literal_of(literal),
        }
    }

    fn operation(&mut self, name: &str, operands: &Json) -> Read<(Expression, Type)> {
        if name == "var" {
            return self.name(operands);
        }
        let operands = match operands {
            Json::Array(operands) => operands.as_slice(),
            _ => return Err(FlawKind::Operands),
        };
        let yes_or_no = |expression| (expression, Type::Bool);
        match name {
            "if" => self.choice(operands),
            "===" => {
                let (pair, kind) = self.alike(operands)?;
                let comparable = matches!(
                    kind,
                    Type::Bool | Type::Number | Type::Text | Type::Word(_) | Type::Time
                );
                if comparable {
                    Ok(yes_or_no(Expression::Same(pair)))
                } else {
                    Err(FlawKind::WrongKind)
                }
            }
            "and" => Ok(yes_or_no(Expression::All(self.conditions(operands)?))),
            "or" => Ok(yes_or_no(Expression::Any(self.conditions(operands)?))),
            "!" => {
                let [operand] = exactly(operands)?;
                let (part, _) = self.operand(0, operand)?;
                Ok(yes_or_no(Expression::Lacks(Box::new(part))))
            }
            ">" => self.numbers(Order::After, operands).map(yes_or_no),
            ">=" => self.numbers(Order::NotBefore, operands).map(yes_or_no),
            "<" => self.numbers(Order::Before, operands).map(yes_or_no),
            "<=" => self.numbers(Order::NotAfter, operands).map(yes_or_no),
            "after" => self.instants(Order::After, operands).map(yes_or_no),
            "not-before" => self.instants(Order::NotBefore, operands).map(yes_or_no),
            "before" => self.instants(Order::Before, operands).map(yes_or_no),
            "not-after" => self.instants(Order::NotAfter, operands).map(yes_or_no),
            "in" => self.member(operands).map(yes_or_no),
            "+" => {
                let [a, b] = exactly(operands)?;
                let sum = [
                    self.operand_of(0, a, Type::Number)?,
                    self.operand_of(1, b, Type::Number)?,
                ];
                Ok((Expression::Sum(Box::new(sum)), Type::Number))
            }
            "plusTime" => self.moved(operands),
            "reduce" => self.reduce(operands),
            _ => Err(FlawKind::UnknownOperation),
        }
    }

    fn operand(&mut self, at: usize, json: &Json) -> Read<(Expression, Type)> {
        self.within(Step::Operand(at), |reader| reader.any(json))
    }

    fn operand_of(&mut self, at: usize, json: &Json, wanted: Type) -> Read {
        self.within(Step::Operand(at), |reader| reader.of_kind(json, wanted))
    }

    fn name(&mut self, operand: &Json) -> Read<(Expression, Type)> {
        let name = operand.as_str().ok_or(FlawKind::UnknownName)?;
        if name == "now" {
            return Err(FlawKind::NowComputed);
        }
        let mut parts = name.split('.');
        let (root, part) = (parts.next().unwrap_or_default(), parts.next());
        if parts.next().is_some() {
            return Err(FlawKind::UnknownName);
        }
        match (root, part, self.reducing) {
            ("current", part, Some(reducing)) => current(reducing.current, part),
            ("accumulator", None, Some(reducing)) => {
                Ok((Expression::Accumulator, reducing.accumulator))
            }
            ("person", Some(part), _) => self.known(name, Root::Person, vocabulary::PERSON, part),
            ("fact", Some(part), _) => {
                let fields = vocabulary::fact(self.scope.about);
                self.known(name, Root::Fact, fields, part)
            }
            ("hold", Some(part), _) if self.scope.hold => {
                let field =
                    vocabulary::find(vocabulary::HOLD, part).ok_or(FlawKind::UnknownName)?;
                Ok((Expression::Name(Root::Hold, field.name), field.kind))
            }
            _ => Err(FlawKind::UnknownName),
        }
    }

    fn known(
        &mut self,
        name: &str,
        root: Root,
        fields: &'static [Field],
        part: &str,
    ) -> Read<(Expression, Type)> {
        let field = vocabulary::find(fields, part).ok_or(FlawKind::UnknownName)?;
        self.names.insert(name.to_owned());
        Ok((Expression::Name(root, field.name), field.kind))
    }

    fn choice(&mut self, operands: &[Json]) -> Read<(Expression, Type)> {
        let [condition, then, otherwise] = exactly(operands)?;
        let condition = self.operand_of(0, condition, Type::Bool)?;
        let (then, kind) = self.operand(1, then)?;
        let (otherwise, other) = self.operand(2, otherwise)?;
        let kind = common(kind, other).ok_or(FlawKind::WrongKind)?;
        let parts = [condition, then, otherwise];
        Ok((Expression::If(Box::new(parts)), kind))
    }

    /// Two operands of one kind. A word that the other can never be is a slip of the pen.
    fn alike(&mut self, operands: &[Json]) -> Read<(Box<[Expression; 2]>, Type)> {
        let [a, b] = exactly(operands)?;
        let (left, kind) = self.operand(0, a)?;
        let (right, other) = self.operand(1, b)?;
        for (word, said) in [(kind, b), (other, a)] {
            can_be(word, said)?;
        }
        let kind = common(kind, other).ok_or(FlawKind::WrongKind)?;
        Ok((Box::new([left, right]), kind))
    }

    fn conditions(&mut self, operands: &[Json]) -> Read<Vec<Expression>> {
        if operands.len() < 2 {
            return Err(FlawKind::Operands);
        }
        let numbered = operands.iter().enumerate();
        numbered
            .map(|(at, operand)| self.operand_of(at, operand, Type::Bool))
            .collect()
    }

    fn numbers(&mut self, order: Order, operands: &[Json]) -> Read {
        two_or_three(operands)?;
        let numbered = operands.iter().enumerate();
        let parts: Read<Vec<_>> = numbered
            .map(|(at, operand)| self.operand_of(at, operand, Type::Number))
            .collect();
        Ok(Expression::Ordered(order, parts?))
    }

    /// The one place where `now` may stand, and once.
    fn instants(&mut self, order: Order, operands: &[Json]) -> Read {
        two_or_three(operands)?;
        let mut parts = Vec::new();
        for (at, operand) in operands.iter().enumerate() {
            let part = if !is_now(operand) {
                self.operand_of(at, operand, Type::Time)?
            } else if parts.contains(&Expression::Now) {
                return Err(FlawKind::NowComputed);
            } else {
                Expression::Now
            };
            parts.push(part);
        }
        Ok(Expression::Ordered(order, parts))
    }

    fn member(&mut self, operands: &[Json]) -> Read {
        let [one, list] = exactly(operands)?;
        let (wanted, kind) = self.operand(0, one)?;
        let (among, found) = self.operand(1, list)?;
        let Type::List(entry) = found else {
            return Err(FlawKind::WrongKind);
        };
        for said in list.as_array().into_iter().flatten() {
            can_be(kind, said)?;
        }
        common(kind, *entry).ok_or(FlawKind::WrongKind)?;
        Ok(Expression::In(Box::new([wanted, among])))
    }

    fn moved(&mut self, operands: &[Json]) -> Read<(Expression, Type)> {
        let [from, amount, unit] = exactly(operands)?;
        let from = self.operand_of(0, from, Type::Time)?;
        let amount = amount
            .as_i64()
            .filter(|amount| (-FARTHEST..=FARTHEST).contains(amount))
            .ok_or(FlawKind::Number)?;
        // There is no daylight saving in Asia/Shanghai, so a local day is 24 hours.
        let by = match unit.as_str() {
            Some("minute") => TimeDelta::try_minutes(amount),
            Some("hour") => TimeDelta::try_hours(amount),
            Some("day") => TimeDelta::try_days(amount),
            Some("week") => TimeDelta::try_weeks(amount),
            _ => return Err(FlawKind::Unit),
        };
        let by = by.ok_or(FlawKind::Number)?;
        Ok((Expression::Moved(Box::new(from), by), Type::Time))
    }

    fn reduce(&mut self, operands: &[Json]) -> Read<(Expression, Type)> {
        if self.reducing.is_some() {
            return Err(FlawKind::NestedReduce);
        }
        let [list, step, start] = exactly(operands)?;
        let (list, found) = self.operand(0, list)?;
        let Type::List(entry) = found else {
            return Err(FlawKind::WrongKind);
        };
        let (start, kind) = self.operand(2, start)?;
        self.reducing = Some(Reducing {
            current: *entry,
            accumulator: kind,
        });
        let step = self.operand_of(1, step, kind)?;
        self.reducing = None;
        let reduce = Reduce { list, step, start };
        Ok((Expression::Reduce(Box::new(reduce)), kind))
    }
}

fn current(kind: Type, part: Option<&str>) -> Read<(Expression, Type)> {
    match (kind, part) {
        (kind, None) => Ok((Expression::Current(None), kind)),
        (Type::Record(fields), Some(part)) => {
            let field = vocabulary::find(fields, part).ok_or(FlawKind::UnknownName)?;
            Ok((Expression::Current(Some(field.name)), field.kind))
        }
        _ => Err(FlawKind::UnknownName),
    }
}

fn literal_of(json: &Json) -> Read<(Expression, Type)> {
    let (value, kind) = value_of(json)?;
    Ok((Expression::Literal(value), kind))
}

fn value_of(json: &Json) -> Read<(Value, Type)> {
    match json {
        Json::Null => Ok((Value::Null, Type::Nothing)),
        Json::Bool(value) => Ok((Value::Bool(*value), Type::Bool)),
        Json::Number(number) => {
            let number = number
                .as_i64()
                .filter(|number| (-LARGEST_NUMBER..=LARGEST_NUMBER).contains(number));
            number
                .map(|number| (Value::Number(number), Type::Number))
                .ok_or(FlawKind::Number)
        }
        Json::String(text) if text.chars().count() > LONGEST => Err(FlawKind::TooLarge),
        Json::String(text) => Ok((Value::Text(Cow::Owned(text.clone())), Type::Text)),
        Json::Array(entries) => list_of(entries),
        Json::Object(_) => Err(FlawKind::NotLogic),
    }
}

fn list_of(entries: &[Json]) -> Read<(Value, Type)> {
    if entries.len() > LONGEST {
        return Err(FlawKind::TooLarge);
    }
    let mut kind = None;
    let mut values = Vec::new();
    for entry in entries {
        let (value, found) = value_of(entry)?;
        if kind.is_some_and(|kind| kind != found) {
            return Err(FlawKind::WrongKind);
        }
        kind = Some(found);
        values.push(value);
    }
    let kind: &'static Type = match kind {
        Some(Type::Bool) => &Type::Bool,
        Some(Type::Number) => &Type::Number,
        Some(Type::Text) => &Type::Text,
        _ => return Err(FlawKind::WrongKind),
    };
    Ok((Value::List(values), Type::List(kind)))
}

/// Whether a name of `kind` can hold what `literal` says, if it is a literal at all.
fn can_be(kind: Type, literal: &Json) -> Read<()> {
    match (kind, literal) {
        (Type::Word(words), Json::String(said)) if !words.contains(&said.as_str()) => {
            Err(FlawKind::UnknownWord)
        }
        _ => Ok(()),
    }
}

/// The kind that values of both are of.
fn common(a: Type, b: Type) -> Option<Type> {
    match (a, b) {
        (Type::Nothing, kind) | (kind, Type::Nothing) => Some(kind),
        (a, b) if a == b => Some(a),
        (Type::Word(_) | Type::Text, Type::Word(_) | Type::Text) => Some(Type::Text),
        _ => None,
    }
}

fn fits(found: Type, wanted: Type) -> bool {
    found != Type::Nothing && common(found, wanted) == Some(wanted)
}

fn is_now(operand: &Json) -> bool {
    let name = operand.as_object().filter(|operand| operand.len() == 1);
    name.and_then(|operand| operand.get("var")?.as_str()) == Some("now")
}

fn exactly<const N: usize>(operands: &[Json]) -> Read<&[Json; N]> {
    operands.try_into().map_err(|_| FlawKind::Operands)
}

fn two_or_three(operands: &[Json]) -> Read<()> {
    if (2..=3).contains(&operands.len()) {
        Ok(())
    } else {
        Err(FlawKind::Operands)
    }
}
