//! Questions instead of dead ends, as an office may write them.

use super::Config;

#[test]
fn questions_lead_on_and_each_mistake_in_them_is_named() {
    let question = |id: &str, answers: &str| {
        format!("[[question]]\nid = \"{id}\"\nasks = \"您带了什么？\"\nanswers = [{answers}]\n")
    };
    let head = "id = \"a\"\nwhen = \"no_card\"\ntitle = \"没带\"\n";
    let help = "{ says = \"没有\", help = true }";
    let two = format!("{{ says = \"有\", card = true }}, {help}");
    let on = |to: &str| format!("{{ says = \"有\", question = \"{to}\" }}, {help}");
    let many = "您带了什么东西到这里来办事，请仔细想一想再回答我？";
    for (text, words) in [
        (head.replace("\"a\"", "\"b\"") + &question("x", &two), "和文件名不一样"),
        (head.replace("no_card", "never") + &question("x", &two), "no_card"),
        (head.replace("没带", "没带身份证应该怎么办") + &question("x", &two), "title"),
        (head.replace("没带", "到 {window}") + &question("x", &two), "title"),
        (head.to_owned(), "question"),
        (head.to_owned() + &question("x", help), "2 到 4 个"),
        (head.to_owned() + &question("x", &two).replace("您带了什么？", many), "asks"),
        (head.to_owned() + &question("x", &two.replace("有", "这个回答写得实在太长了")), "太长"),
        (head.to_owned() + &question("x", &on("y")), "不知道去哪里"),
        // In circles, or to itself.
        (head.to_owned() + &question("x", &on("x")), "不知道去哪里"),
        (head.to_owned() + &question("x", &on("y")) + &question("y", &on("x")), "不知道去哪里"),
        (head.to_owned() + &question("x", &two) + &question("y", &two), "没有回答引到 y"),
        (head.to_owned() + &question("x", &on("x")) + &question("x", &two), "有两问叫 x"),
        (
            head.to_owned() + &question("x", &two.replace("card = true", "guide = \"none\"")),
            "guide",
        ),
        (
            head.to_owned()
                + &question("x", &two.replace("help = true", "help = true, card = true")),
            "只写一样",
        ),
        // What a kiosk without a slot does not offer leaves one answer.
        (
            head.to_owned()
                + &question("x", &two.replace("card = true", "card = true, slot = true")),
            "slot",
        ),
    ] {
        let config = Config::new();
        config.write("questions/a.toml", &text);
        let error = config.load().expect_err(&text).to_string();
        assert!(error.contains("questions/a.toml") && error.contains(words), "{words}: {error}");
    }
    let config = Config::new();
    config.write(
        "questions/a.toml",
        &(head.to_owned() + &question("x", &on("y")) + &question("y", &two)),
    );
    assert_eq!(config.load().expect("right").questions[0].questions.len(), 2);
    config.write("questions/b.toml", &(head.replace("\"a\"", "\"b\"") + &question("x", &two)));
    let error = config.load().expect_err("two for one occasion").to_string();
    assert!(error.contains("questions/b.toml 第 2 行"), "{error}");
}
