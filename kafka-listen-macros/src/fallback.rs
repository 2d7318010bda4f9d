//! Mistakes and the item they concern in; the mistakes as errors and the item as it was written out, so that whatever
//! else uses the function still compiles and the mistakes stay the only errors.

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use crate::function::Function;

/// Expands what is wrong.
pub(crate) fn fallback(errors: &Errors, item: TokenStream) -> TokenStream {
    let item = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => quote!(#function),
        Err(_) => item,
    };
    quote!(#errors #item)
}
