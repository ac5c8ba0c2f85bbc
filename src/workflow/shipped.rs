//! The workflows and tools embedded in the binary.

use std::sync::LazyLock;

use crate::workflow::source::SourceFile;
use crate::workflow::toolbox::ToolBox;

/// Files that come with the program, by kind, each in the order of its names.
#[derive(Debug)]
pub struct Shipped {
    pub workflows: Vec<SourceFile>,
    pub tools: Vec<SourceFile>,
}

impl Shipped {
    /// The tools, compiled.
    pub fn tool_box(&self) -> ToolBox {
        ToolBox::load(&self.tools).0
    }

    /// The file of a workflow by the workflow's name.
    pub fn workflow(&self, name: &str) -> Option<&SourceFile> {
        let place = format!("workflows/{name}.yaml");
        self.workflows.iter().find(|file| file.name == place)
    }
}

macro_rules! embedded {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        vec![$(SourceFile::new(
            concat!($folder, "/", $name),
            include_str!(concat!("../../assets/", $folder, "/", $name)),
        )),+]
    };
}

/// The files that come with the program.
pub fn shipped() -> &'static Shipped {
    static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| Shipped {
        workflows: embedded!("workflows": "crm-update.yaml", "purchase-order.yaml", "refund.yaml"),
        tools: embedded!("tools":
            "crm.find_deal.yaml",
            "crm.update_deal.yaml",
            "erp.cancel_order.yaml",
            "erp.commit_order.yaml",
            "erp.find_order.yaml",
            "payments.find_charge.yaml",
            "payments.list_refunds.yaml",
            "payments.refund.yaml",
            "register.lookup.yaml",
        ),
    });
    &SHIPPED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::{Palette, check, from_bundle, render};

    #[test]
    fn every_shipped_file_passes_every_check() {
        let (tools, diagnostics) = ToolBox::load(&shipped().tools);
        assert_eq!(diagnostics, [], "tools");
        assert_eq!(tools.names().count(), shipped().tools.len());
        for file in &shipped().workflows {
            let checked = check(file, &tools);
            let found = render(&checked.diagnostics, file, Palette::Plain);
            assert!(checked.diagnostics.is_empty(), "{found}");
            let definition = checked.definition.unwrap();
            assert_eq!(shipped().workflow(definition.name.as_str()), Some(file));
            let again = from_bundle(&definition.bundle).unwrap();
            assert_eq!(again.digest, definition.digest);
            assert_eq!(again.order, definition.order);
            assert_eq!(again.bundle, definition.bundle);
        }
    }
}
