//! What `--help` of both programs says to staff and installers: Chinese, and nothing of clap's own
//! English.

use clap::{Command, builder::StyledStr};

#[test]
fn every_help_text_is_chinese() {
    for mut program in [renshe_kiosk::cli::command(), kiosk_county::cli::command()] {
        program.build();
        let mut english = Vec::new();
        let commands = look(&mut program, &mut english);
        assert!(commands > 10, "{commands} commands");
        assert!(english.is_empty(), "not Chinese:\n{}", english.join("\n"));
    }
}

/// What clap writes itself where nobody says otherwise.
const ITS_OWN: [&str; 11] = [
    "Usage",
    "Commands",
    "Arguments",
    "Options",
    "OPTIONS",
    "COMMAND",
    "Print ",
    "[default",
    "[possible",
    "Possible",
    "[alias",
];

/// Names what is English about a command and all below it, and counts them.
fn look(command: &mut Command, english: &mut Vec<String>) -> usize {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let text = |words: Option<&StyledStr>| words.map(ToString::to_string).unwrap_or_default();
    let mut texts = vec![text(command.get_about())];
    for argument in command.get_arguments() {
        texts.push(text(argument.get_help()));
        texts.extend(argument.get_long_help().map(ToString::to_string));
        if argument.get_action().takes_values() {
            texts.extend(argument.get_value_names().map_or(vec![argument.to_string()], |names| {
                names.iter().map(ToString::to_string).collect()
            }));
        }
    }
    texts.retain(|words| !words.contains(is_han));
    for page in [command.render_help(), command.render_long_help()] {
        let page = page.to_string();
        texts.extend(ITS_OWN.iter().filter(|own| page.contains(**own)).map(|&own| own.to_owned()));
    }
    english.extend(texts.into_iter().map(|words| format!("{name}: {words:?}")));
    1 + command.get_subcommands_mut().map(|inner| look(inner, english)).sum::<usize>()
}

fn is_han(character: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&character)
}
