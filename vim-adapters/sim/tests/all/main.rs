//! Stories of the simulator, in one program.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod flaws;
#[cfg(test)]
mod forgetful;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod repeats;
#[cfg(test)]
mod rig;
#[cfg(test)]
mod site;
#[cfg(test)]
mod stories;
