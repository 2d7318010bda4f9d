//! Everything that can be wrong without a cluster, all of it at once.

use super::properties::Properties;
use super::sources::Gathered;
use super::{App, Error, own_properties};
use crate::listener::{Plan, registered};

/// The plan of the application and the properties of its clients.
pub(super) fn settings(app: &mut App) -> Result<(Plan, Properties), Error> {
    let mut problems = std::mem::take(&mut app.problems);
    let Gathered { properties, group, sources } = Gathered::from(app, &mut problems);
    let registered = registered(app.named.as_deref(), &mut problems);
    let plan = Plan::new(&registered, group.as_ref(), &sources, &app.states, &mut problems);
    let properties = Properties::new(properties, &sources.variables, &mut problems);
    own_properties::check(&plan, &properties, &mut problems);
    problems.into_result().map_err(Error::Settings)?;
    properties.check_together()?;
    own_properties::check_together(&plan, &properties)?;
    Ok((plan, properties))
}
