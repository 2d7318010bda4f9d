//! All places where settings are written in, one set of them out. What the program says counts for more than the
//! environment, that for more than the file, and that for more than the program's defaults.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::App;
use crate::broker::kafka::{canonical, is_secret, nearest_property, property_of_env};
use crate::config::{self, File, Origin, Overrides, PREFIX, Sources, Text, Variables, Written};
use crate::problem::Problems;

/// The file that is read where nothing else is said.
const FILE: &str = "kafka-listen.toml";

/// Variables of the application itself, behind [`PREFIX`].
const GROUP: &str = "GROUP";
const CONFIG: &str = "CONFIG";

/// All that is written, each setting once.
pub(super) struct Gathered {
    pub(super) properties: BTreeMap<String, Written>,
    pub(super) group: Option<Written>,
    pub(super) sources: Sources,
}

impl Gathered {
    /// Takes it from the application.
    pub(super) fn from(app: &mut App, problems: &mut Problems) -> Self {
        let looks_around = app.environment.is_some();
        let environment = app.environment.take().unwrap_or_default();
        let (mut own, clients) = split(&environment);
        let path = own.remove(CONFIG).map(PathBuf::from);
        let file = match app.config_file.take().or(path) {
            Some(path) => config::read(&path, true, problems),
            None if looks_around => config::read(Path::new(FILE), false, problems),
            None => File::default(),
        };
        let program = written(&app.properties, &Origin::Code("property"));
        let mut variables = Variables::new(program.clone(), environment);
        let filed = filled(file.properties, &variables, problems);
        let properties =
            one_of_each([program, clients, filed, written(&app.defaults, &Origin::Code("default_property"))], problems);
        variables.set_properties(properties.clone());
        let program = app.group.take().map(|group| Written::new(group, Origin::Code("group")));
        let variable =
            own.remove(GROUP).map(|group| Written::new(group, Origin::Environment(format!("{PREFIX}{GROUP}"))));
        let overrides = Overrides::new(std::mem::take(&mut app.settings), own, file.listeners);
        Self { properties, group: program.or(variable).or(file.group), sources: Sources { variables, overrides } }
    }
}

/// Each property once, from the first layer that has it under any of its names.
fn one_of_each<const N: usize>(
    layers: [BTreeMap<String, Written>; N],
    problems: &mut Problems,
) -> BTreeMap<String, Written> {
    let mut all = BTreeMap::new();
    for layer in layers {
        let mut new = BTreeMap::new();
        for (name, written) in layer {
            let one = canonical(&name).to_owned();
            if let Some((other, _)) = new.insert(one, (name.clone(), written.clone())) {
                let origin = &written.origin;
                problems.add(format!(
                    "`{other}` and `{name}` are two names of one property: leave one of them out ({origin})"
                ));
            }
        }
        for (one, property) in new {
            all.entry(one).or_insert(property);
        }
    }
    all.into_values().collect()
}

/// The variables of this crate, without [`PREFIX`], and the client properties that others hold: `KAFKA_<PROPERTY>`, dots as
/// underscores.
///
/// Other names that begin so are left alone: a Kubernetes service called `kafka` injects `KAFKA_PORT`, and broker images
/// have theirs. One that is nearly a property is warned of.
fn split(environment: &BTreeMap<String, String>) -> (BTreeMap<String, String>, BTreeMap<String, Written>) {
    let (mut own, mut properties) = (BTreeMap::new(), BTreeMap::new());
    for (variable, value) in environment {
        if let Some(rest) = variable.strip_prefix(PREFIX) {
            own.insert(rest.to_owned(), value.clone());
            continue;
        }
        let Some(rest) = variable.strip_prefix("KAFKA_") else { continue };
        if let Some(name) = property_of_env(rest) {
            properties.insert(name.to_owned(), Written::new(value, Origin::Environment(variable.clone())));
        } else if let Some(near) = nearest_property(&rest.to_ascii_lowercase().replace('_', ".")) {
            let meant = format!("KAFKA_{}", near.to_ascii_uppercase().replace('.', "_"));
            tracing::warn!(
                "the environment variable `{variable}` is no client property and ignored; did you mean `{meant}`?"
            );
        }
    }
    (own, properties)
}

fn written(properties: &BTreeMap<String, String>, origin: &Origin) -> BTreeMap<String, Written> {
    let written = |(name, value): (&String, &String)| (name.clone(), Written::new(value, origin.clone()));
    properties.iter().map(written).collect()
}

/// The properties of the file with their placeholders filled; a secret is not shown, nor what surrounds it.
fn filled(
    properties: BTreeMap<String, Written>,
    variables: &Variables,
    problems: &mut Problems,
) -> BTreeMap<String, Written> {
    let fill = |(name, written): (String, Written)| {
        let Written { text: Text::One(text), origin } = &written else { return Some((name, written)) };
        let problem = match variables.fill(text) {
            Ok(filled) if filled.random && canonical(&name) == MEMBER => {
                "another id at each start makes no static member: leave it out, or name the pod".to_owned()
            }
            Ok(filled) => return Some((name, Written::new(filled.text, origin.clone()))),
            Err(_) if is_secret(&name) => "a placeholder in it cannot be filled".to_owned(),
            Err(error) => error.to_string(),
        };
        problems.add(format!("the property `{name}` ({origin}): {problem}"));
        None
    };
    properties.into_iter().filter_map(fill).collect()
}

/// The property that makes a member static.
const MEMBER: &str = "group.instance.id";

#[cfg(test)]
mod tests {
    use super::*;

    fn app(environment: &[(&str, &str)]) -> App {
        let mut app = App::new();
        app.environment = Some(environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect());
        app
    }

    fn gathered(mut app: App) -> (Gathered, Problems) {
        let mut problems = Problems::default();
        (Gathered::from(&mut app, &mut problems), problems)
    }

    fn shown(gathered: &Gathered) -> Vec<String> {
        gathered.properties.iter().map(|(name, it)| format!("{name}={} {}", it.list().join(","), it.origin)).collect()
    }

    #[test]
    fn client_properties_are_taken_and_what_others_inject_is_not() {
        let (gathered, problems) = gathered(app(&[
            ("KAFKA_BOOTSTRAP_SERVERS", "h:1"),
            ("KAFKA_SECURITY_PROTOCOL", "ssl"),
            ("KAFKA_LOG_LEVEL", "3"),
            ("KAFKA_PORT", "tcp://10.0.0.1:9092"),
            ("PATH", "x"),
        ]));
        let names: Vec<_> = gathered.properties.keys().map(String::as_str).collect();
        assert_eq!(names, ["bootstrap.servers", "log_level", "security.protocol"]);
        assert!(problems.is_empty());
    }

    #[test]
    fn a_property_is_one_under_all_of_its_names_and_the_program_counts_for_most() {
        let app = app(&[("KAFKA_ACKS", "all"), ("KAFKA_CLIENT_ID", "environment"), ("KAFKA_LINGER_MS", "7")]);
        let app = app.property("request.required.acks", "-1").property("client.id", "program");
        let app = app.default_property("queue.buffering.max.ms", "9").default_property("debug", "all");
        let (gathered, problems) = gathered(app);
        let expected = [
            "client.id=program `App::property`",
            "debug=all `App::default_property`",
            "linger.ms=7 environment variable `KAFKA_LINGER_MS`",
            "request.required.acks=-1 `App::property`",
        ];
        assert_eq!(shown(&gathered), expected);
        assert!(problems.is_empty());
    }

    #[test]
    fn two_names_of_one_property_side_by_side_are_refused() {
        let (_, problems) = gathered(app(&[("KAFKA_ACKS", "all"), ("KAFKA_REQUEST_REQUIRED_ACKS", "-1")]));
        let expected = "`acks` and `request.required.acks` are two names of one property: leave one of them out \
                        (environment variable `KAFKA_REQUEST_REQUIRED_ACKS`)";
        assert_eq!(problems.iter().collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn the_applications_group_is_the_programs_or_the_variables() {
        let of = |app| gathered(app).0.group.map(|group| group.list().join(","));
        assert_eq!(of(app(&[("KAFKA_LISTEN_GROUP", "mail")])).as_deref(), Some("mail"));
        assert_eq!(of(app(&[("KAFKA_LISTEN_GROUP", "mail")]).group("sms")).as_deref(), Some("sms"));
        assert_eq!(of(app(&[])), None);
    }

    #[test]
    fn a_file_that_is_named_must_be_there() {
        for app in [app(&[("KAFKA_LISTEN_CONFIG", "/nowhere.toml")]), app(&[]).config_file("/nowhere.toml")] {
            let problems = gathered(app).1.to_string();
            assert!(problems.contains("the file `/nowhere.toml` cannot be read: No such file"), "{problems}");
        }
        let both = app(&[("KAFKA_LISTEN_CONFIG", "/there.toml")]).config_file("/here.toml");
        assert!(gathered(both).1.to_string().contains("`/here.toml`"));
    }
}
