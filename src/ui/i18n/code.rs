//! Texts that the renderer puts on the page: on blocks of code, and as names of what scrolls by itself.

use parlance_core::render::words::Words;

pub const EN: Words<'static> = Words {
    copy: "Copy",
    wrap: "Wrap lines",
    all: "Show all # lines",
    code: "Code",
    table: "Table",
    formula: "Formula",
};

pub const ZH_CN: Words<'static> = Words {
    copy: "复制",
    wrap: "自动换行",
    all: "显示全部 # 行",
    code: "代码",
    table: "表格",
    formula: "公式",
};
