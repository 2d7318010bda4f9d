//! Guides: what there is to write, at more length than the documentation of single items.
//!
//! Nothing but prose stands here. Every example in it is compiled, and run where it can be, by the tests of this crate.

#[doc = include_str!("attribute.md")]
pub mod attribute {}

#[doc = include_str!("batches.md")]
pub mod batches {}

#[doc = include_str!("extractors.md")]
pub mod extractors {}

#[doc = include_str!("returns.md")]
pub mod returns {}

/// The pages of the repository, so that their examples are compiled, too.
#[cfg(all(doctest, feature = "testing"))]
mod pages {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../CONTRIBUTING.md")]
    struct Contributing;
    #[doc = include_str!("../../../docs/architecture.md")]
    struct Architecture;
    #[doc = include_str!("../../../docs/configuration.md")]
    struct Configuration;
    #[doc = include_str!("../../../docs/coming-from-rdkafka.md")]
    struct ComingFromRdkafka;
    #[doc = include_str!("../../../docs/expansion.md")]
    struct Expansion;
    #[doc = include_str!("../../../docs/guarantees.md")]
    struct Guarantees;
    #[doc = include_str!("../../../docs/interop.md")]
    struct Interop;
    #[doc = include_str!("../../../docs/operations.md")]
    struct Operations;
    #[doc = include_str!("../../../docs/wire-format.md")]
    struct WireFormat;
}
