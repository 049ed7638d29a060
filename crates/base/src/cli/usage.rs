//! The command lines of both programs in Chinese. What a command or an argument is for stands as `///`
//! above it; here is what clap would say in English: headings, defaults, `--help`, and what is wrong
//! with a command line. Keeps no state.

use std::error::Error as _;

use clap::{
    Arg, ArgAction, Command, CommandFactory, Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// The arguments of the process. It ends here where help is asked for or something is wrong with them.
#[expect(clippy::print_stderr, reason = "what is wrong with a command line reaches a person here")]
pub fn parse<P: Parser>() -> P {
    let matches = command::<P>().try_get_matches();
    matches.and_then(|matches| P::from_arg_matches(&matches)).unwrap_or_else(|error| {
        let Some(words) = wrong(&error) else { error.exit() };
        eprintln!("{words}");
        std::process::exit(error.exit_code())
    })
}

/// The commands and arguments of `P`, with Chinese around them.
pub fn command<P: CommandFactory>() -> Command {
    let command = P::command();
    let mut built = command.clone();
    built.build();
    translated(command, &built)
}

/// `built` is the same command with what it has from those above it.
fn translated(command: Command, built: &Command) -> Command {
    let command = command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .mut_args(explained)
        .mut_subcommands(|inner| {
            let built = built.find_subcommand(inner.get_name()).expect("it is a copy");
            translated(inner, built)
        });
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let help = match command.get_arguments().any(|argument| argument.get_long_help().is_some()) {
        true => help.help("显示帮助（--help 更详细）").long_help("显示帮助（-h 更简短）"),
        false => help.help("显示帮助"),
    };
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    let version = command.get_version().map(|_| version.help("显示版本"));
    let about = joined(command.get_about());
    let template = template(&command, built);
    // Last, as clap's own.
    let own = [help].into_iter().chain(version).map(|argument| argument.display_order(999));
    command.about(about).args(own).help_template(template)
}

/// A page of help: what it is, how it is called, and the parts that there are.
fn template(command: &Command, built: &Command) -> String {
    let style = *command.get_styles().get_header();
    let heading = |words: &str| format!("{style}{words}：{style:#}");
    let usage = built.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let usage = usage.replace("[OPTIONS]", "[选项]").replace("<COMMAND>", "<命令>");
    let mut page = format!("{{about-with-newline}}\n{}{usage}", heading("用法"));
    for (words, part, is_there) in [
        ("命令", "{subcommands}", command.has_subcommands()),
        ("参数", "{positionals}", command.get_positionals().next().is_some()),
        ("选项", "{options}", true),
    ] {
        if is_there {
            page.push_str(&format!("\n\n{}\n{part}", heading(words)));
        }
    }
    page
}

/// An argument whose help says its default and the values it may have.
fn explained(argument: Arg) -> Arg {
    let mut help = joined(argument.get_help());
    if !argument.get_action().takes_values() {
        return argument.help(help);
    }
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() {
        help.push_str(&format!(" [默认：{}]", defaults.join(" ")));
    }
    let values = argument.get_possible_values();
    let mut argument = argument.hide_default_value(true).hide_possible_values(true);
    if values.iter().any(|value| value.get_help().is_some()) {
        let line = |words, name| format!("\n- {name}：{words}");
        let lines = values.iter().map(|value| line(joined(value.get_help()), value.get_name()));
        argument = argument.long_help(format!("{help}\n\n可选：{}", lines.collect::<String>()));
    }
    if !values.is_empty() {
        let names: Vec<_> = values.iter().map(|value| value.get_name()).collect();
        help.push_str(&format!(" [可选：{}]", names.join("、")));
    }
    argument.help(help)
}

/// Words without the blanks that the ends of a comment's lines left between Chinese characters, or
/// behind a Chinese mark.
fn joined(words: Option<&clap::builder::StyledStr>) -> String {
    let words = words.map(ToString::to_string).unwrap_or_default();
    words.split(' ').fold(String::new(), |joined, word| {
        const MARKS: [char; 6] = ['，', '。', '、', '：', '；', '）'];
        let is_inside =
            joined.ends_with(MARKS) || joined.ends_with(is_wide) && word.starts_with(is_wide);
        let blank = if joined.is_empty() || is_inside { "" } else { " " };
        joined + blank + word
    })
}

fn is_wide(character: char) -> bool {
    !character.is_ascii()
}

/// What is wrong with a command line, and what to do; `None` where it is none of ours to say, as for
/// help that was asked for.
fn wrong(error: &clap::Error) -> Option<String> {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::Strings(all)) => all.join("、"),
        other => other.map(ToString::to_string).unwrap_or_default(),
    };
    let (argument, value) = (named(ContextKind::InvalidArg), named(ContextKind::InvalidValue));
    let words = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion
        | ErrorKind::Io
        | ErrorKind::Format => return None,
        // What stands there without a dash may be a PIN, or somebody's number.
        ErrorKind::UnknownArgument if !argument.starts_with('-') => "这里不能再写参数".into(),
        ErrorKind::UnknownArgument => format!("不认识参数 {argument}"),
        ErrorKind::InvalidSubcommand => {
            format!("没有命令 {}", named(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingSubcommand => {
            let (of, all) = (ContextKind::InvalidSubcommand, ContextKind::ValidSubcommand);
            format!("{} 后面要写命令，可选：{}", named(of), named(all))
        }
        ErrorKind::MissingRequiredArgument => format!("缺少 {argument}"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 要写出值"),
        ErrorKind::InvalidValue => {
            format!("{argument} 不能是 {value}，可选：{}", named(ContextKind::ValidValue))
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(|why| reason(&why.to_string()));
            format!(
                "{argument} 不能是 {value}{}",
                why.map(|why| format!("：{why}")).unwrap_or_default()
            )
        }
        ErrorKind::TooManyValues => format!("{argument} 不能再有值 {value}"),
        ErrorKind::ArgumentConflict => match named(ContextKind::PriorArg) {
            prior if prior == argument => format!("{argument} 只能写一次"),
            prior => format!("{argument} 不能和 {prior} 一起写"),
        },
        _ => format!("命令写得不对 {argument}"),
    };
    let meant = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg].map(named).concat();
    let meant = if meant.is_empty() { meant } else { format!("，是不是 {meant}") };
    Some(format!("{words}{meant}；加 --help 可以看用法"))
}

/// Why a value is not taken, in words; what is not known here, a sentence of ours among it, stays.
fn reason(why: &str) -> String {
    let range = why.split_once(" is not in ").and_then(|(_, range)| range.split_once("..="));
    if let Some((least, most)) = range {
        return format!("要在 {least} 到 {most} 之间");
    }
    match why {
        "invalid digit found in string" | "cannot parse integer from empty string" => "要写整数",
        "invalid socket address syntax" => "要写地址和端口，如 127.0.0.1:8443",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use clap::{Parser, ValueEnum};

    use super::*;

    /// 试用的程序，它的说明
    /// 写在几行上：trial、
    /// lay 和 rest
    #[derive(Debug, Parser)]
    #[command(name = "trial", version)]
    enum Trial {
        /// 放一件东西
        Lay {
            /// 放什么
            #[arg(value_name = "东西")]
            what: Option<Thing>,
            /// 放多少秒
            #[arg(long, value_name = "秒数", default_value_t = 30)]
            #[arg(value_parser = clap::value_parser!(u8).range(1..))]
            seconds: u8,
            /// 放在哪里
            #[arg(long, value_name = "地方", value_parser = |_: &str| Err::<String, _>("那里没有地方"))]
            place: Option<String>,
        },
        /// 不做什么
        Rest,
    }

    #[derive(Debug, Clone, ValueEnum)]
    enum Thing {
        /// 一张卡
        Card,
        /// 一张
        /// 小票
        Slip,
    }

    fn said(arguments: &str) -> clap::Error {
        let arguments = arguments.split_whitespace();
        command::<Trial>().try_get_matches_from(arguments).expect_err("nothing is right here")
    }

    #[test]
    fn help_is_chinese_throughout() {
        assert_eq!(
            said("trial --help").to_string(),
            "试用的程序，它的说明写在几行上：trial、lay 和 rest\n\n\
             用法：trial <命令>\n\n\
             命令：\n  lay   放一件东西\n  rest  不做什么\n\n\
             选项：\n  -h, --help     显示帮助\n  -V, --version  显示版本\n"
        );
        assert_eq!(
            said("trial lay -h").to_string(),
            "放一件东西\n\n\
             用法：trial lay [选项] [东西]\n\n\
             参数：\n  [东西]  放什么 [可选：card、slip]\n\n\
             选项：\n      \
             --seconds <秒数>  放多少秒 [默认：30]\n      \
             --place <地方>    放在哪里\n  \
             -h, --help            显示帮助（--help 更详细）\n"
        );
        let long = said("trial lay --help").to_string();
        assert!(
            long.contains("可选：\n          - card：一张卡\n          - slip：一张小票\n"),
            "{long}"
        );
        assert!(long.contains("显示帮助（-h 更简短）"), "{long}");
    }

    #[test]
    fn what_is_wrong_is_said_in_one_chinese_sentence() {
        for (arguments, words) in [
            ("trial rest --now", "不认识参数 --now"),
            ("trial lay --second 1", "不认识参数 --second，是不是 --seconds"),
            ("trial rests", "没有命令 rests，是不是 rest"),
            ("trial help", "没有命令 help"),
            ("trial lay box", "[东西] 不能是 box，可选：card、slip"),
            ("trial lay --seconds", "--seconds <秒数> 要写出值"),
            ("trial lay --seconds 0", "--seconds <秒数> 不能是 0：要在 1 到 255 之间"),
            ("trial lay --seconds 999", "--seconds <秒数> 不能是 999：要在 1 到 255 之间"),
            ("trial lay --seconds soon", "--seconds <秒数> 不能是 soon：要写整数"),
            ("trial rest 123456", "这里不能再写参数"),
            ("trial lay --place there", "--place <地方> 不能是 there：那里没有地方"),
            ("trial lay --seconds 1 --seconds 2", "--seconds <秒数> 只能写一次"),
        ] {
            let error = said(arguments);
            let words = format!("{words}；加 --help 可以看用法");
            assert_eq!(wrong(&error).as_deref(), Some(&*words), "{arguments}: {error}");
            assert_eq!(error.exit_code(), 2, "{arguments}");
        }
        // Who says nothing is shown how it is called.
        assert_eq!(wrong(&said("trial")), None);
        assert!(said("trial").to_string().contains("用法：trial <命令>"));
    }
}
