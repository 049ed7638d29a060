fn main() {
    let config = slint_build::CompilerConfiguration::new()
        // Widgets are our own; the style only decides what is left, so pin it.
        .with_style("fluent".into())
        // One file a language, `lang/LANGUAGE/LC_MESSAGES/kiosk-ui.po`; the same words mean the same
        // wherever they stand.
        .with_bundled_translations("lang")
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        // Elements are found by their accessible labels in tests and in the headless demo.
        .with_debug_info(true)
        .embed_resources(slint_build::EmbedResourcesKind::EmbedFiles);
    slint_build::compile_with_config("app.slint", config).expect("the .slint files compile");
}
