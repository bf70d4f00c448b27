//! To the programs that read the contract, every id is a UUID; which thing it names is said by its field.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "openapi")]
    ids::NAMES.iter().fold(utoipa_config::Config::new(), |config, id| config.alias_for(id, "Uuid")).write_to_file();
}
