fn main() {
    let config = slint_build::CompilerConfiguration::new()
        // Widgets are our own; the style only decides what is left, so pin it.
        .with_style("fluent".into())
        // Elements are found by their accessible labels in tests and in the headless demo.
        .with_debug_info(true)
        .embed_resources(slint_build::EmbedResourcesKind::EmbedFiles);
    slint_build::compile_with_config("app.slint", config).expect("the .slint files compile");
}
