//! A checked attribute on a checked function: all that an expansion needs, and nothing that could still be wrong.

use proc_macro2::Ident;
use syn::{Expr, LitStr, Path, Type};

use crate::function::Function;
use crate::judgement::Judgement;

/// What is to be expanded.
pub(crate) struct Model {
    /// What the function is.
    pub(crate) role: Role,
    /// The path of the runtime crate.
    pub(crate) krate: Path,
    /// The function.
    pub(crate) function: Function,
    /// Its parameters.
    pub(crate) parameters: Vec<Parameter>,
}

impl Model {
    /// Whether the function takes batches.
    pub(crate) fn takes_batches(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.of_batch.is_some())
    }
}

/// Settings that several listeners share.
pub(crate) struct SharedModel {
    /// The path of the runtime crate.
    pub(crate) krate: Path,
    /// The settings, in the order in which they were written.
    pub(crate) settings: Vec<Setting>,
}

/// What an attribute makes of a function.
pub(crate) enum Role {
    /// A listener with these settings, in the order in which they were written.
    Listener {
        settings: Vec<Setting>,
        /// How its errors are judged.
        judgement: Judgement,
    },
    /// The handler of the dead letters of the listener at this path.
    DltHandler(Path),
}

/// A parameter.
pub(crate) struct Parameter {
    /// As it stands in the source, for messages at run time.
    pub(crate) text: String,
    /// Its type.
    pub(crate) ty: Type,
    /// The header it is read from; an extractor otherwise.
    pub(crate) header: Option<LitStr>,
    /// What it is of a batch, if the function takes batches.
    pub(crate) of_batch: Option<OfBatch>,
}

/// What a parameter is of a batch.
pub(crate) enum OfBatch {
    /// Its records.
    Records(Items),
    /// Nothing of any record.
    Beside,
}

/// As what each record of a batch is read.
pub(crate) enum Items {
    /// As this type.
    One(Box<Type>),
    /// As each of these.
    Tuple(Vec<Type>),
}

/// A key with its value.
pub(crate) struct Setting {
    /// The name of the method that sets it.
    pub(crate) name: &'static str,
    /// Where the key stands.
    pub(crate) at: Ident,
    /// The value.
    pub(crate) value: Value,
}

/// The value of a key.
pub(crate) enum Value {
    /// A text that is not empty.
    Text(LitStr),
    /// Names of topics.
    Topics(Vec<LitStr>),
    /// Names of routes.
    Routes(Vec<LitStr>),
    /// Of something else it is only known that it is there.
    Given,
    /// Names and values of client properties.
    Properties(Vec<(LitStr, LitStr)>),
    /// A function or a constant, known to the compiler only.
    Path(Path),
    /// `true` or `false`.
    Flag(Written<bool>),
    /// A variant of an enum of the runtime's.
    Variant { of: &'static str, name: Written<&'static str> },
    /// A count, or milliseconds.
    Whole(Written<u64>),
    /// A number with a fraction.
    Decimal(Written<f64>),
}

/// A value as it can be written.
pub(crate) enum Written<T> {
    /// As it is.
    Literal(T),
    /// In a text with placeholders; what it is if nobody sets them, where that is known.
    Text(LitStr, Option<T>),
    /// As a constant expression, known to the compiler only; numbers alone.
    Constant(Box<Expr>),
}

impl<T: Copy> Written<T> {
    /// The value, as far as it is known now.
    pub(crate) fn known(&self) -> Option<T> {
        match self {
            Self::Literal(value) | Self::Text(_, Some(value)) => Some(*value),
            Self::Text(_, None) | Self::Constant(_) => None,
        }
    }
}
