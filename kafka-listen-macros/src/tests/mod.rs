//! Tests.

#[test]
fn show() {
    let args = r#"topic = "email.send", group = "email", attempts = 5, backoff(delay = 1000, multiplier = 2), dlt_suffix = ".dlt""#;
    let item = "async fn send_email(Json(email): Json<Email>, State(smtp): State<Smtp>) -> Result<(), SendError> { smtp.send(&email).await }";
    let tokens = crate::expand(crate::check::listener, args.parse().unwrap(), item.parse().unwrap());
    println!("{tokens}");
    println!("{}", prettyplease::unparse(&syn::parse2(tokens).unwrap()));
}
