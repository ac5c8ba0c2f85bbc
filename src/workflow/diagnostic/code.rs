//! The stable names of everything that can be wrong with a definition.

use serde::{Deserialize, Serialize};

use crate::domain::status::words;

words!(
    /// What sort of mistake this is. Scripts match on these words; none ever changes its meaning.
    Code {
        /// The file is no YAML; nothing after this place was read.
        YamlSyntax => "yaml-syntax",
        /// A key stands twice in one map.
        DuplicateKey => "duplicate-key",
        /// The file is larger, or has more of something, than is allowed.
        OverLimit => "over-limit",
        /// A key that means nothing anywhere in this map.
        UnknownKey => "unknown-key",
        /// A known key where it has no meaning, or beside one that excludes it.
        MisplacedKey => "misplaced-key",
        /// A key that must be there is not.
        MissingKey => "missing-key",
        /// A value of another sort than expected: text, a number, a list, a map.
        WrongType => "wrong-type",
        /// A name with characters it may not have, or a reserved one.
        BadName => "bad-name",
        /// A duration that cannot be read.
        BadDuration => "bad-duration",
        /// An amount that cannot be read.
        BadMoney => "bad-money",
        /// A number outside its range.
        BadNumber => "bad-number",
        /// A word that is none of the words allowed here.
        BadEnumValue => "bad-enum-value",
        /// Two rules, evidence items or tools share a name.
        DuplicateId => "duplicate-id",
        /// The workflow has no steps.
        NoSteps => "no-steps",
        /// An edge leads to a step that does not exist.
        UnknownStep => "unknown-step",
        /// No edge leads here from the first step.
        UnreachableStep => "unreachable-step",
        /// An edge stands after one that always holds.
        UnreachableEdge => "unreachable-edge",
        /// Every edge has a condition, so that a run may find none that holds.
        NoDefaultEdge => "no-default-edge",
        /// A cycle that nothing bounds.
        UnboundedCycle => "unbounded-cycle",
        /// From this step no end can be reached.
        NoWayOut => "no-way-out",
        /// A tool that no tool file defines.
        UnknownTool => "unknown-tool",
        /// A tool whose own file has errors.
        BrokenTool => "broken-tool",
        /// A step calls a tool that the scope does not list.
        ToolOutsideScope => "tool-outside-scope",
        /// A step calls a write tool that `effects` does not list.
        WriteWithoutEffectsEntry => "write-without-effects-entry",
        /// `effects` lists a tool that only reads.
        EffectsListsRead => "effects-lists-read",
        /// A limited write names no amount, so that its limit could not be checked.
        AmountMissing => "amount-missing",
        /// An argument that the tool does not take.
        ArgsUnknown => "args-unknown",
        /// An argument that the tool requires is not given.
        ArgsMissing => "args-missing",
        /// An argument whose value the tool's schema refuses.
        ArgsInvalid => "args-invalid",
        /// A state field is set that the state schema does not have.
        SaveUnknownField => "save-unknown-field",
        /// A state field is set to a value that the state schema refuses.
        SaveInvalidValue => "save-invalid-value",
        /// A gate covers a step that does not exist.
        GateCoversUnknown => "gate-covers-unknown",
        /// A gate covers a step that writes nothing.
        GateCoversRead => "gate-covers-read",
        /// A gate covers more steps than one packet holds effects.
        TooManyCovers => "too-many-covers",
        /// A gate covers a step to which its approval never leads.
        GateCoversInVain => "gate-covers-in-vain",
        /// A gate does not say where approval leads.
        GateEdgeMissing => "gate-edge-missing",
        /// Evidence comes from a source that the workflow does not use.
        EvidenceSourceUnknown => "evidence-source-unknown",
        /// An expression that does not parse, or breaks a bound on expressions.
        ExpressionSyntax => "expression-syntax",
        /// An expression whose value certainly has the wrong type, or that certainly fails.
        ExpressionType => "expression-type",
        /// A variable that does not exist, or not here.
        ExpressionUnknownVariable => "expression-unknown-variable",
        /// `state.X` where the state schema has no X.
        ExpressionUnknownStateField => "expression-unknown-state-field",
        /// `steps.X` where no step is called X.
        ExpressionUnknownStep => "expression-unknown-step",
        /// `output.X` where the tool's answer has no X.
        ExpressionUnknownOutputField => "expression-unknown-output-field",
        /// `args.X` in a tool file whose argument schema has no X.
        ExpressionUnknownArgument => "expression-unknown-argument",
        /// A JSON Schema that is none.
        SchemaInvalid => "schema-invalid",
        /// A write that can be neither repeated safely nor asked about.
        WriteWithoutKeyOrProbe => "write-without-key-or-probe",
        /// The method does not fit what the tool says it does.
        BadMethod => "bad-method",
        /// A GET request with a body.
        BodyOnGet => "body-on-get",
        /// A path that does not begin with `/`, or cannot be part of a URL.
        BadPath => "bad-path",
        /// A header name that HTTP does not allow.
        BadHeader => "bad-header",
        /// A status that cannot mean that nothing was done.
        BadStatus => "bad-status",
        /// A probe asks a tool that does not exist.
        ProbeUnknown => "probe-unknown",
        /// A probe asks a tool that writes.
        ProbeNotRead => "probe-not-read",
        /// A compensation calls a tool that does not exist.
        CompensateUnknown => "compensate-unknown",
        /// A compensation calls a tool that only reads.
        CompensateNotWrite => "compensate-not-write",
    }
);
