//! What happens with a message. Pure: the model changes, requests come out, nothing else.

pub mod able;
pub mod act;
pub mod alerts;
pub mod arrive;
pub mod audit;
pub mod banner;
pub mod budget;
pub mod burst;
pub mod dead_letters;
pub mod decide;
pub mod dialog;
pub mod edit;
pub mod move_cursor;
pub mod overlay;
pub mod runs;
pub mod settle;
pub mod toasts;
pub mod trace;

use crate::console::key::{Code, Key};
use crate::console::keymap::{Meaning, meaning};
use crate::console::message::{Link, Message, RunsNews};
use crate::console::model::{Model, Notice};
use crate::console::request::Request;
use crate::console::update::burst::Typing;

/// Takes one message.
pub fn update(model: &mut Model, message: Message) -> Vec<Request> {
    let mut requests = taken(model, message);
    banner::settle(model);
    requests.extend(toasts::settle(model));
    requests.extend(trace::look(model));
    requests
}

fn taken(model: &mut Model, message: Message) -> Vec<Request> {
    match message {
        Message::Key { key, at_ms } => {
            model.at_ms = at_ms;
            model.dirty = true;
            model.toasts.key();
            if key.code == Code::Other {
                overlay::absorb(model, at_ms);
                return Vec::new();
            }
            match burst::judge(model, key, at_ms) {
                Typing::ByHand => pressed(model, key, at_ms),
                Typing::Pasted => {
                    overlay::take_back(model);
                    pasted(model, at_ms)
                }
            }
        }
        Message::Pasted { text, at_ms } => {
            model.at_ms = at_ms;
            model.dirty = true;
            if overlay::paste(model, &text, at_ms) {
                Vec::new()
            } else {
                pasted(model, at_ms)
            }
        }
        Message::Resized { columns, rows } => {
            (model.columns, model.rows) = (columns, rows);
            model.dirty = true;
            arrive::resized(model);
            Vec::new()
        }
        Message::Time { now, at_ms } => arrive::time(model, now, at_ms),
        Message::Drawn { at_ms } => {
            arrive::drawn(model, at_ms);
            Vec::new()
        }
        Message::Link(link) => {
            linked(model, link);
            Vec::new()
        }
        Message::Ending => vec![Request::Quit],
        answer => answered(model, answer),
    }
}

/// What was read, and what came of what was asked for.
fn answered(model: &mut Model, message: Message) -> Vec<Request> {
    match message {
        Message::Queue(news) => arrive::queue(model, news),
        Message::Open(stored) => {
            arrive::open(model, stored);
            Vec::new()
        }
        Message::Packet { packet, found } => arrive::packet(model, packet, found),
        Message::Definition { digest, found } => {
            edit::definition(model, digest, &found);
            Vec::new()
        }
        Message::Decided { ticket, outcome } => decide::decided(model, ticket, outcome),
        Message::Resolved { ticket, outcome } => budget::resolved(model, ticket, outcome),
        Message::Amended { ticket, outcome } => edit::amended(model, ticket, outcome),
        Message::Edited(outcome) => edit::edited(model, outcome),
        Message::Runs(news) => runs_news(model, news),
        Message::RunsUnread { of, why } => {
            runs::unread(model, of, why);
            Vec::new()
        }
        Message::Run { run, found } => {
            trace::read(model, run, &found);
            runs::read(model, run, found)
        }
        Message::Moved { ticket, outcome } => runs::moved(model, ticket, outcome),
        letters @ (Message::DeadLetters(_)
        | Message::Doubts(_)
        | Message::DeadLetter { .. }
        | Message::Previewed { .. }
        | Message::LetterMoved { .. }
        | Message::EffectMoved { .. }
        | Message::Settled { .. }) => about_letters(model, letters),
        alerts @ (Message::Alerts(_)
        | Message::Acknowledged { .. }
        | Message::Notifications(_)
        | Message::NotificationsTaken(_)) => about_alerts(model, alerts),
        Message::Events(page) => audit::page(model, page),
        Message::Head(head) => audit::grown(model, head),
        check @ (Message::Verifying { .. } | Message::Verified(_)) => about_check(model, check),
        // These are taken before.
        Message::Key { .. }
        | Message::Pasted { .. }
        | Message::Resized { .. }
        | Message::Time { .. }
        | Message::Drawn { .. }
        | Message::Link(_)
        | Message::Ending => Vec::new(),
    }
}

fn about_check(model: &mut Model, message: Message) -> Vec<Request> {
    match message {
        Message::Verifying { done, total } => audit::verifying(model, done, total),
        Message::Verified(outcome) => audit::verified(model, outcome),
        _ => {}
    }
    Vec::new()
}

fn about_alerts(model: &mut Model, message: Message) -> Vec<Request> {
    match message {
        Message::Alerts(news) => alerts::news(model, news),
        Message::Acknowledged { ticket, outcome } => alerts::acknowledged(model, ticket, outcome),
        Message::Notifications(unshown) => return toasts::news(model, unshown),
        Message::NotificationsTaken(outcome) => return toasts::taken(model, outcome),
        _ => {}
    }
    Vec::new()
}

fn about_letters(model: &mut Model, message: Message) -> Vec<Request> {
    match message {
        Message::DeadLetters(news) => return dead_letters::news(model, news),
        Message::Doubts(news) => runs::doubts(model, news),
        Message::DeadLetter { letter, found } => dead_letters::read(model, letter, found),
        Message::Previewed { ticket, outcome } => dead_letters::previewed(model, ticket, outcome),
        Message::LetterMoved { ticket, outcome } => {
            return dead_letters::moved(model, ticket, outcome);
        }
        Message::EffectMoved { ticket, outcome } => {
            return settle::settled(model, ticket, outcome);
        }
        Message::Settled {
            run,
            status,
            error,
            effects,
        } => {
            let ended = (status, error.as_ref());
            let told = dead_letters::settled(model, run, ended, &effects)
                || runs::settled(model, run, ended, &effects);
            if !told {
                decide::settled(model, run, status, error.as_ref());
            }
        }
        _ => {}
    }
    Vec::new()
}

fn runs_news(model: &mut Model, news: RunsNews) -> Vec<Request> {
    let again = trace::news(model, &news);
    let letter = dead_letters::run_news(model, &news);
    let mut requests = runs::news(model, news);
    requests.extend(letter);
    requests.extend(again);
    requests
}

/// Letters that come this fast behind a refused verdict key were meant for its dialog.
const MEANT_FOR_DIALOG_MS: u64 = 400;

fn pressed(model: &mut Model, key: Key, at_ms: u64) -> Vec<Request> {
    if let Some(refused_at_ms) = model.refused_at_ms.take()
        && model.overlays.is_empty()
        && key.typed().is_some()
        && model.refused_key != Some(key)
        && at_ms.saturating_sub(refused_at_ms) < MEANT_FOR_DIALOG_MS
    {
        model.refused_at_ms = Some(at_ms);
        return Vec::new();
    }
    model.notice = None;
    model.touched = true;
    if !model.overlays.is_empty() {
        model.prefix = None;
        return overlay::key(model, key, at_ms);
    }
    let before = model.prefix.take();
    match meaning(model.place(), before, key) {
        Meaning::Action(action) => {
            let requests = act::act(model, action);
            model.refused_key = model.refused_at_ms.map(|_| key);
            requests
        }
        Meaning::Begins(first) => {
            model.prefix = Some(first);
            Vec::new()
        }
        Meaning::Nothing => Vec::new(),
    }
}

/// What came as a paste where nothing takes one.
fn pasted(model: &mut Model, at_ms: u64) -> Vec<Request> {
    model.prefix = None;
    let said = if overlay::absorb(model, at_ms) {
        "pasted text is ignored here, all of it: a reason is typed by hand"
    } else {
        "pasted text is ignored here"
    };
    model.tell(Notice::warning(said));
    Vec::new()
}

fn linked(model: &mut Model, link: Link) {
    if model.link != link {
        model.link = link;
        model.dirty = true;
    }
}
