//! The table: what is pressed where, what it is called, what happens then.

use super::{
    Action, Entry, Go, InDialog, InFilter, InForm, InKeys, Move, OnBudget, OnJournal, OnLetter,
    OnList, Place, Whole,
};
use crate::console::model::Screen;
use crate::console::model::runs::Control;
use crate::domain::Verdict;
use crate::engine::Settled;

const EVERYWHERE: &[Place] = &[
    Place::Queue,
    Place::Packet,
    Place::Runs,
    Place::Run,
    Place::DeadLetters,
    Place::DeadLetter,
    Place::Alerts,
    Place::Alert,
    Place::Audit,
    Place::Record,
];
const ALL: &[Place] = &Place::ALL;
const BUT_THE_FORM: &[Place] = &[
    Place::Queue,
    Place::Packet,
    Place::Runs,
    Place::Run,
    Place::DeadLetters,
    Place::DeadLetter,
    Place::Alerts,
    Place::Alert,
    Place::Audit,
    Place::Record,
    Place::Dialog,
    Place::Filter,
    Place::Lookup,
    Place::Keys,
    Place::Palette,
];
const HELPED: &[Place] = &[
    Place::Dialog,
    Place::Filter,
    Place::Lookup,
    Place::Palette,
    Place::Form,
    Place::Json,
];
const DIALOG: &[Place] = &[Place::Dialog];
const FILTER: &[Place] = &[Place::Filter];
const LOOKUP: &[Place] = &[Place::Lookup];
const FILTERS: &[Place] = &[Place::Filter, Place::Lookup];
const KEYS: &[Place] = &[Place::Keys, Place::Palette];
const FORMS: &[Place] = &[Place::Form, Place::Json];
const FORM: &[Place] = &[Place::Form];
const JSON: &[Place] = &[Place::Json];
const LISTS: &[Place] = &[
    Place::Queue,
    Place::Runs,
    Place::DeadLetters,
    Place::Alerts,
    Place::Audit,
];
const DETAILS: &[Place] = &[
    Place::Packet,
    Place::Run,
    Place::DeadLetter,
    Place::Alert,
    Place::Record,
];
const QUEUE: &[Place] = &[Place::Queue, Place::Packet];
const RUNS: &[Place] = &[Place::Runs, Place::Run];
const LETTERS: &[Place] = &[Place::DeadLetters, Place::DeadLetter];
const ALERTS: &[Place] = &[Place::Alerts, Place::Alert];
/// Where a digit shows a screen.
const SCREENS: &[Place] = &[
    Place::Queue,
    Place::Runs,
    Place::Run,
    Place::DeadLetters,
    Place::DeadLetter,
    Place::Alerts,
    Place::Alert,
    Place::Audit,
    Place::Record,
];
const AUDIT: &[Place] = &[Place::Audit, Place::Record];

macro_rules! keys {
    ($($action:expr, $places:expr, [$($key:literal),+], $hint:literal, $label:literal, $tells:literal;)+) => {
        &[$(Entry {
            action: $action,
            places: $places,
            keys: &[$($key),+],
            label: $label,
            hint: $hint,
            tells: $tells,
        }),+]
    };
}

/// Every key of every place. The order is that of the footer and of the help.
pub const KEYMAP: &[Entry] = keys! {
    Action::Decide(Verdict::Approve), QUEUE, ["a"], "approve…", "approve…", "Opens the dialog; nothing is decided by this key.";
    Action::Decide(Verdict::Reject), QUEUE, ["r"], "reject…", "reject…", "Opens the dialog; a rejected effect is never sent.";
    Action::Decide(Verdict::Return), QUEUE, ["i"], "return…", "return with feedback…", "Opens the dialog; the agent runs again with your words.";
    Action::Settle(Settled::AskAgain), QUEUE, ["v"], "ask again…", "outcome unknown: ask again…", "Opens the dialog; the target is asked whether it happened.";
    Action::Settle(Settled::Happened), QUEUE, ["D"], "it happened…", "outcome unknown: it happened…", "Opens the dialog; what happened is never sent again.";
    Action::Settle(Settled::NotHappened), QUEUE, ["R"], "it did not…", "outcome unknown: it did not happen…", "Opens the dialog; it is sent again while its approval binds.";
    Action::Budget(OnBudget::Raise), QUEUE, ["L"], "raise limit…", "over budget: raise the limit…", "Opens the dialog; the run goes on up to the new limit.";
    Action::Budget(OnBudget::Stop), QUEUE, ["X"], "stop…", "over budget: stop the run…", "Opens the dialog; the run ends failed and what it did stays done.";
    Action::Budget(OnBudget::Undo), QUEUE, ["b"], "stop and undo…", "over budget: stop the run and undo what it did…", "Opens the dialog with what would be undone; then the run ends failed.";
    Action::Edit, QUEUE, ["e"], "edit…", "edit the state…", "Opens a form; a changed state is judged by the rules again and gets a new digest.";
    Action::Go(Go::Open), LISTS, ["enter"], "open", "open", "Moves to the details of the row.";
    Action::Run(Control::Pause), RUNS, ["p"], "pause…", "pause…", "Asks for a reason; nothing more is sent for the run until it is resumed.";
    Action::Run(Control::Resume), RUNS, ["P"], "resume…", "resume…", "Asks for a reason; the run goes on where it stood. Resuming approves nothing.";
    Action::Run(Control::Override), RUNS, ["O"], "override…", "override a value…", "Sets one value of a paused or stuck run; approvals given before are void.";
    Action::Terminate, RUNS, ["X"], "terminate…", "terminate…", "Opens the dialog: no further steps, the fate of every effect, and whether to undo what was done.";
    Action::Letter(OnLetter::Redrive), LETTERS, ["R"], "redrive…", "redrive…", "Opens the dialog with what exactly would happen; nothing is done by this key.";
    Action::Letter(OnLetter::Edit), LETTERS, ["e"], "edit…", "edit values, then redrive…", "Opens a form; a changed state is judged by the rules again.";
    Action::Letter(OnLetter::Verify), LETTERS, ["v"], "verify", "verify now", "Asks what a redrive would do, and the target what it knows; it changes nothing.";
    Action::Letter(OnLetter::Discard), LETTERS, ["X"], "discard…", "discard…", "Opens the dialog; the run ends failed, what was done stays done.";
    Action::Go(Go::Run), LETTERS, ["o", "t"], "run", "go to the run", "Shows the run that is stuck.";
    Action::Go(Go::Run), &[Place::DeadLetter], ["enter"], "", "go to the run", "Shows the run that is stuck.";
    Action::Letter(OnLetter::Mark), &[Place::DeadLetters], ["space"], "mark", "mark", "Marks the letter and moves on: R and X then concern all that are marked.";
    Action::Letter(OnLetter::MarkAll), &[Place::DeadLetters], ["*"], "", "mark all", "Marks every open letter of the list, or none.";
    Action::Acknowledge, ALERTS, ["a"], "acknowledge…", "acknowledge…", "Opens the dialog; what the alert holds back goes on once it is answered.";
    Action::Go(Go::Run), ALERTS, ["o", "t"], "run", "go to the run", "Shows the run that the alert is about.";
    Action::Go(Go::Packet), RUNS, ["o"], "packet", "go to the packet of the run", "Shows the packet that the run waits for.";
    Action::Go(Go::Run), QUEUE, ["t"], "run", "go to the run", "Shows the run that the packet belongs to.";
    Action::Go(Go::Run), AUDIT, ["t"], "run", "go to the run", "Shows the run that the event belongs to.";
    Action::Go(Go::Journal), &[Place::Packet, Place::Runs, Place::Run, Place::DeadLetters, Place::DeadLetter, Place::Alerts, Place::Alert], ["A"], "", "journal of the run", "Shows the events of the run in the journal.";
    Action::Journal(OnJournal::Verify), AUDIT, ["C"], "check chain", "check the chain", "Recomputes every hash of the journal and names the first bad event.";
    Action::Journal(OnJournal::GoToBad), AUDIT, ["b"], "", "go to the first bad event", "Shows the event at which the last check found the chain broken.";
    Action::Journal(OnJournal::Follow), &[Place::Audit], ["F"], "follow", "follow the newest", "Keeps the newest event in sight.";
    Action::List(OnList::Follow), &[Place::Runs], ["F"], "", "follow the newest", "The cursor stays on the first row, whatever enters there, until it is moved.";
    Action::List(OnList::Filter), LISTS, ["/"], "filter", "filter…", "Narrows the list while you type: words, field:value, ! for not.";
    Action::List(OnList::Sort), &[Place::Queue], ["S"], "sort", "sort by the next column", "Sorts by the next of the list's orders in turn.";
    Action::List(OnList::Sort), &[Place::Runs], ["S"], "", "sort by the next column", "Sorts by the next of the list's orders in turn.";
    Action::Dialog(InDialog::Leave), DIALOG, ["esc", "ctrl-c"], "leave", "leave", "Closes the dialog; nothing is decided.";
    Action::Dialog(InDialog::Next), DIALOG, ["tab", "down"], "next", "next", "Goes to the next field or button.";
    Action::Dialog(InDialog::Answer), DIALOG, ["y"], "answer", "answer", "On the buttons: decides what the dialog says, once the key stood alone for a moment.";
    Action::Dialog(InDialog::Enter), DIALOG, ["enter"], "leave", "next, or leave", "In a field it goes on, on Cancel it leaves; it decides nothing.";
    Action::Dialog(InDialog::Previous), DIALOG, ["shift-tab", "up"], "", "back", "Goes to the field or button before.";
    Action::Dialog(InDialog::Right), DIALOG, ["right"], "", "right", "Goes from Cancel to the other button, or a letter on.";
    Action::Dialog(InDialog::Left), DIALOG, ["left"], "", "left", "Goes to Cancel, or a letter back.";
    Action::Dialog(InDialog::More), DIALOG, ["pgdn"], "", "more of it", "Scrolls down what is decided, where it is longer than the screen.";
    Action::Dialog(InDialog::Less), DIALOG, ["pgup"], "", "less of it", "Scrolls it up.";
    Action::Dialog(InDialog::Editor), DIALOG, ["f4"], "", "your own editor", "Opens what a target answered in $VISUAL or $EDITOR, where the dialog asks for it.";
    Action::Filter(InFilter::Keep), FILTER, ["enter", "tab"], "keeps it", "keep the filter", "Goes back to the list with the filter as it is.";
    Action::Filter(InFilter::Keep), LOOKUP, ["enter", "tab"], "looks it up", "look it up", "Looks through the journal for it, which may take a while.";
    Action::Filter(InFilter::Leave), FILTERS, ["esc", "ctrl-c"], "takes it back", "take it back", "The list and its cursor are as they were before.";
    Action::Keys(InKeys::Run), KEYS, ["enter"], "run", "run", "Does what is chosen, as its key would.";
    Action::Keys(InKeys::Down), KEYS, ["down", "ctrl-n"], "", "down", "The next action.";
    Action::Keys(InKeys::Up), KEYS, ["up", "ctrl-p"], "", "up", "The action before.";
    Action::Keys(InKeys::PageDown), KEYS, ["pgdn"], "", "ten down", "Ten actions on.";
    Action::Keys(InKeys::PageUp), KEYS, ["pgup"], "", "ten up", "Ten actions back.";
    Action::Keys(InKeys::Close), &[Place::Keys], ["esc", "ctrl-c", "f1"], "close", "close", "Back to what was there before.";
    Action::Keys(InKeys::Close), &[Place::Palette], ["esc", "ctrl-c"], "close", "close", "Back to what was there before.";
    Action::Form(InForm::Stage), FORMS, ["ctrl-s"], "stage…", "check and stage…", "Checks everything and asks for a reason; nothing is approved by it.";
    Action::Form(InForm::Leave), FORMS, ["esc", "ctrl-c"], "leave, draft kept", "leave", "Closes the form; what was typed is kept as a draft.";
    Action::Form(InForm::Next), FORM, ["tab", "enter", "down"], "next", "next field", "Goes to the next field.";
    Action::Form(InForm::Raw), FORM, ["f2"], "JSON", "edit as JSON", "Shows the whole state as JSON text.";
    Action::Form(InForm::Raw), JSON, ["f2"], "fields", "back to the fields", "Takes the JSON over into the fields.";
    Action::Form(InForm::Editor), FORMS, ["f4"], "editor", "your own editor", "Opens the state in $VISUAL or $EDITOR.";
    Action::Form(InForm::Undo), FORMS, ["ctrl-z"], "undo", "undo", "Takes the last change of the field back.";
    Action::Form(InForm::Previous), FORM, ["shift-tab", "up"], "", "field before", "Goes to the field before.";
    Action::Form(InForm::MoreDiff), FORM, ["pgdn"], "", "more of the difference", "Scrolls the difference down.";
    Action::Form(InForm::LessDiff), FORM, ["pgup"], "", "less of the difference", "Scrolls the difference up.";
    Action::Whole(Whole::Help), HELPED, ["f1"], "keys", "keys", "Shows what the keys do here.";
    Action::Move(Move::Down), EVERYWHERE, ["j", "down"], "", "down", "The next row, or a line down.";
    Action::Move(Move::Up), EVERYWHERE, ["k", "up"], "", "up", "The row before, or a line up.";
    Action::Move(Move::First), EVERYWHERE, ["g g", "home"], "", "to the start", "The first row or line; rows that came meanwhile come in.";
    Action::Move(Move::Last), EVERYWHERE, ["G", "end"], "", "to the end", "The last row or line.";
    Action::Move(Move::HalfDown), EVERYWHERE, ["ctrl-d", "pgdn"], "", "half a page down", "Moves half a page down.";
    Action::Move(Move::HalfUp), EVERYWHERE, ["ctrl-u", "pgup"], "", "half a page up", "Moves half a page up.";
    Action::Move(Move::HalfDown), DETAILS, ["space"], "", "half a page down", "Moves half a page down.";
    Action::Move(Move::NextSection), DETAILS, ["]", "l", "right"], "", "next section", "Scrolls to the next section.";
    Action::Move(Move::PreviousSection), DETAILS, ["[", "h", "left"], "", "section before", "Scrolls to the section before.";
    Action::Go(Go::OtherPane), EVERYWHERE, ["tab", "shift-tab"], "", "other pane", "Moves between the list and its details.";
    Action::Whole(Whole::Zoom), EVERYWHERE, ["z"], "", "zoom the pane", "Gives the pane the whole screen, and back.";
    Action::Move(Move::Section(1)), &[Place::Packet], ["1"], "", "section 1: why you", "Scrolls to this section.";
    Action::Move(Move::Section(2)), &[Place::Packet], ["2"], "", "section 2: effect", "Scrolls to this section.";
    Action::Move(Move::Section(3)), &[Place::Packet], ["3"], "", "section 3: evidence", "Scrolls to this section.";
    Action::Move(Move::Section(4)), &[Place::Packet], ["4"], "", "section 4: policy", "Scrolls to this section.";
    Action::Move(Move::Section(5)), &[Place::Packet], ["5"], "", "section 5: state", "Scrolls to this section.";
    Action::Move(Move::Section(6)), &[Place::Packet], ["6"], "", "section 6: path", "Scrolls to this section.";
    Action::Move(Move::Section(7)), &[Place::Packet], ["7"], "", "section 7: agent says", "Scrolls to this section.";
    Action::Go(Go::To(Screen::Queue)), SCREENS, ["1"], "", "queue", "Shows what waits for a person.";
    Action::Go(Go::To(Screen::Runs)), SCREENS, ["2"], "", "runs", "Shows every run and where it stands.";
    Action::Go(Go::To(Screen::DeadLetters)), SCREENS, ["3"], "", "dead letters", "Shows the steps that are stuck, and what can be done about each.";
    Action::Go(Go::To(Screen::Alerts)), SCREENS, ["4"], "", "alerts", "Shows what a person should look at, and what is held because of it.";
    Action::Go(Go::To(Screen::Audit)), SCREENS, ["5"], "", "audit", "Shows the journal: every event, and whether the chain of them is whole.";
    Action::Go(Go::Back), EVERYWHERE, ["esc"], "", "back", "Back one level; clears the filter of a list.";
    Action::Whole(Whole::Palette), EVERYWHERE, [":", "ctrl-p"], ": command", "command palette", "Finds an action by its name and runs it.";
    Action::Whole(Whole::Help), EVERYWHERE, ["?", "f1"], "? keys", "keys and actions", "Shows this list.";
    Action::Whole(Whole::Refresh), EVERYWHERE, ["ctrl-r"], "", "refresh", "Reads everything anew.";
    Action::Whole(Whole::Redraw), ALL, ["ctrl-l"], "", "redraw", "Draws the whole screen anew.";
    Action::Whole(Whole::Theme), EVERYWHERE, ["T"], "", "colours on or off", "Switches between the terminal's colours and none.";
    Action::Whole(Whole::Suspend), BUT_THE_FORM, ["ctrl-z"], "", "suspend", "Hands the lease back and leaves the terminal to the shell.";
    Action::Whole(Whole::Quit), EVERYWHERE, ["q", "ctrl-c"], "", "quit", "Ends the console; what is under way is written to the journal first.";
};
