//! The parts themselves, made by the server alone.

use leptos::prelude::*;

use crate::kit::{
    Button, Dialog, Field, Glyph, Icon, IconButton, Look, Menu, Notice, Seal, Tone, avatar,
    skeleton, switch, tabs,
};

const GLYPHS: [Glyph; 33] = [
    Glyph::Menu,
    Glyph::Plus,
    Glyph::Send,
    Glyph::Stop,
    Glyph::SignOut,
    Glyph::Alert,
    Glyph::Info,
    Glyph::Copy,
    Glyph::Check,
    Glyph::Refresh,
    Glyph::Edit,
    Glyph::Trash,
    Glyph::More,
    Glyph::ChevronDown,
    Glyph::ChevronLeft,
    Glyph::ChevronRight,
    Glyph::ArrowDown,
    Glyph::Close,
    Glyph::Panel,
    Glyph::Gear,
    Glyph::Clock,
    Glyph::ThumbUp,
    Glyph::ThumbDown,
    Glyph::Search,
    Glyph::Keyboard,
    Glyph::Sun,
    Glyph::Moon,
    Glyph::Monitor,
    Glyph::Globe,
    Glyph::Bell,
    Glyph::Download,
    Glyph::Offline,
    Glyph::Person,
];

/// All parts in one theme.
pub fn parts(theme: &'static str) -> AnyView {
    let looks = [Look::Primary, Look::Plain, Look::Quiet, Look::Danger];
    let buttons = looks
        .map(|look| {
            view! {
                <Button look=look kind="button">{format!("{look:?}")}</Button>
                <Button look=look kind="button" disabled=true>"Disabled"</Button>
                <IconButton glyph=Glyph::Edit label="Edit" look=look/>
            }
        })
        .collect_view();
    let glyphs = GLYPHS
        .map(|glyph| view! { <span class="gallery-glyph"><Icon glyph=glyph/> {format!("{glyph:?}")}</span> })
        .collect_view();
    let swatches = ["indigo", "pine", "plum", "ochre"]
        .map(|accent| {
            view! {
                <span data-accent=accent>
                    <Button look=Look::Primary kind="button">{accent}</Button>
                    " "
                    <a href="#content">"A link"</a>
                </span>
            }
        })
        .collect_view();
    view! {
        <section class="gallery-theme" data-theme=theme aria-label=theme>
            <h2 class="brand-name"><Seal/> {theme}</h2>
            {row("Buttons", buttons.into_any())}
            {row("Accents", swatches.into_any())}
            {row("Icons", glyphs.into_any())}
            {row("Fields", fields(theme))}
            {row("Switches", switches(theme))}
            {row("Tabs", tabs("Pages", &[("/kit", "Kit"), ("/settings/general", "Settings"), ("/chat", "对话")], "/kit"))}
            {row("People", ["Anna", "张三", "Zoë", "李雷", "Bo"].map(avatar).collect_view().into_any())}
            {row("Notices", notices())}
            {row("Gaps", skeleton(3))}
            {row("Menu", menu(theme))}
            {row("Dialog", dialog(theme))}
        </section>
    }
    .into_any()
}

fn row(name: &'static str, part: AnyView) -> AnyView {
    view! {
        <div class="gallery-row">
            <h3 class="gallery-name">{name}</h3>
            <div class="gallery-part">{part}</div>
        </div>
    }
    .into_any()
}

fn fields(theme: &'static str) -> AnyView {
    let (plain, wrong) = match theme {
        "light" => ("light-plain", "light-wrong"),
        _ => ("dark-plain", "dark-wrong"),
    };
    let fine: Option<&'static str> = None;
    view! {
        <Field name=plain label="Name" hint="What we should call you." autocomplete="off" error=fine/>
        <Field name=wrong label="邮箱" autocomplete="off" error=Some("这个地址不完整。") value="zhang@"/>
    }
    .into_any()
}

fn switches(theme: &'static str) -> AnyView {
    let (on, off) = match theme {
        "light" => ("light-on", "light-off"),
        _ => ("dark-on", "dark-off"),
    };
    view! {
        {switch(on, "Keyboard shortcuts", Some("Switch them off if they get in the way."), true)}
        {switch(off, "完成后显示", None, false)}
    }
    .into_any()
}

fn notices() -> AnyView {
    view! {
        <Notice>"Saved"</Notice>
        <Notice tone=Tone::Warning>"The connection is slow."</Notice>
        <Notice tone=Tone::Error>"服务器没有响应，请检查网络；你写的内容都还在。"</Notice>
    }
    .into_any()
}

fn menu(theme: &'static str) -> AnyView {
    view! {
        <Menu id=format!("{theme}-menu") label="Actions" glyph=Glyph::More>
            <button class="menu-item" type="button"><Icon glyph=Glyph::Edit/>"Rename"</button>
            <a class="menu-item" href="/settings/general"><Icon glyph=Glyph::Gear/>"Settings"</a>
            <button class="menu-item" type="button" disabled=true><Icon glyph=Glyph::Download/>"Export"</button>
            <hr class="menu-line"/>
            <button class="menu-item menu-item-danger" type="button"><Icon glyph=Glyph::Trash/>"Delete"</button>
        </Menu>
    }
    .into_any()
}

fn dialog(theme: &'static str) -> AnyView {
    let id = format!("{theme}-dialog");
    view! {
        <button class="button" type="button" command="show-modal" commandfor=id.clone()>"Open"</button>
        <Dialog id=id.clone() title="Delete everything?">
            <p>"All conversations of this account go away, on every device. This cannot be undone."</p>
            <div class="dialog-acts">
                <button class="button" type="button" command="close" commandfor=id.clone()>"Keep them"</button>
                <button class="button button-danger" type="button" command="close" commandfor=id.clone()>"Delete"</button>
            </div>
        </Dialog>
    }
    .into_any()
}
