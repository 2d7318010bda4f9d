//! Parts of librdkafka that a program may have been built without: what to enable when one is missed.

/// What to do about librdkafka's reason, if it is that a part was not built in.
pub(super) fn cure(why: &str) -> Option<String> {
    let mechanism = why.split("No provider for SASL mechanism ").nth(1).map(|rest| {
        let end = rest.find(|c: char| c == ':' || c.is_whitespace());
        &rest[..end.unwrap_or(rest.len())]
    });
    let feature = match mechanism {
        Some("GSSAPI") => Feature::Gssapi,
        Some(_) => Feature::Ssl,
        None if !why.contains("not available at build time") => return None,
        None if why.contains("OpenSSL") => Feature::Ssl,
        None if why.contains("sasl") => Feature::Gssapi,
        None if why.contains("libzstd") => Feature::Zstd,
        None => Feature::Librdkafkas,
    };
    let what = match feature {
        Feature::Ssl => {
            "enable the feature `ssl` of kafka-listen, or `ssl-vendored` where no OpenSSL is installed to build with"
        }
        Feature::Gssapi if mechanism.is_some() => {
            "set `sasl.mechanism` to the one that the brokers want, such as `PLAIN`; for Kerberos, which is the default, enable \
             the feature `gssapi` of kafka-listen, or `gssapi-vendored` where no Cyrus SASL is installed to build with"
        }
        Feature::Gssapi => {
            "enable the feature `gssapi` of kafka-listen, or `gssapi-vendored` where no Cyrus SASL is installed to build with"
        }
        Feature::Zstd => "enable the feature `zstd` of kafka-listen",
        Feature::Librdkafkas => "depend on `rdkafka-sys` with the feature that builds it in",
    };
    Some(what.to_owned())
}

enum Feature {
    Ssl,
    Gssapi,
    Zstd,
    /// One that this crate has no name for.
    Librdkafkas,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_enabled_by_a_feature_of_this_crate() {
        for (why, feature) in [
            ("OpenSSL not available at build time", "`ssl` of"),
            ("OpenSSL >= 3.0.0 not available at build time", "`ssl` of"),
            ("cyrus-sasl/libsasl2 not available at build time", "`gssapi` of"),
            ("libzstd not available at build time", "`zstd` of"),
            ("libcurl not available at build time", "`rdkafka-sys`"),
            (
                "No provider for SASL mechanism GSSAPI: recompile librdkafka with libsasl2 or openssl support.",
                "`sasl.mechanism`",
            ),
            ("No provider for SASL mechanism SCRAM-SHA-256: recompile librdkafka", "`ssl` of"),
        ] {
            assert!(cure(why).is_some_and(|cure| cure.contains(feature)), "{why}: {:?}", cure(why));
        }
        assert_eq!(cure("must be one of a, b"), None);
    }
}
