//! A limit on everything, and the relations between the limits, checked when this compiles.

/// Bytes of a workflow or tool file.
pub const DEFINITION_BYTES_MAX: usize = 256 * 1024;
/// How deep the values of a workflow or tool file nest. Reading takes about 40 KiB of stack a level
/// without optimisation; this fits twice into a thread of 2 MiB.
pub const DEFINITION_NESTING_MAX: usize = 24;
/// Values of a workflow or tool file, with every alias followed.
pub const DEFINITION_NODES_MAX: usize = 50_000;
/// Mistakes reported of one file.
pub const DIAGNOSTICS_MAX: usize = 200;
/// Characters of a name: of a workflow, a step, a tool, a rule, a flag.
pub const NAME_CHARS_MAX: usize = 64;
/// Steps of one workflow.
pub const STEPS_MAX: usize = 200;
/// Policy rules of one workflow.
pub const POLICY_RULES_MAX: usize = 200;
/// Bytes of one expression's source.
pub const EXPRESSION_BYTES_MAX: usize = 4 * 1024;
/// How deep an expression nests.
pub const EXPRESSION_NESTING_MAX: usize = 32;
/// How many comprehensions stand inside one another.
pub const EXPRESSION_COMPREHENSIONS_MAX: usize = 2;
/// Elements of a list that an expression walks.
pub const EXPRESSION_LIST_MAX: usize = 10_000;
/// Operators, members and calls on one path from the root of an expression to a leaf.
pub const EXPRESSION_CHAIN_MAX: usize = 128;
/// Elements one evaluation reads, walks or keeps, all lists together.
pub const EXPRESSION_WORK_MAX: usize = 1_000_000;

/// Bytes of one run's state, input and step outputs together, as JSON.
pub const STATE_BYTES_MAX: usize = 1024 * 1024;
/// How deep lists and objects nest in a state or a schema.
pub const JSON_DEPTH_MAX: usize = 64;
/// Problems told about one value.
pub const PROBLEMS_MAX: usize = 50;
/// Bytes of one event with its values.
pub const EVENT_BYTES_MAX: usize = 4 * STATE_BYTES_MAX;
/// Events one command may cause.
pub const EVENTS_PER_COMMAND_MAX: usize = 1_000;
/// Events after which a command leaves the rest of a run's way to the next one.
pub const EVENTS_BEFORE_COMMIT: usize = 200;
/// Bytes of one input row.
pub const INPUT_ROW_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a business key given with `--key`.
pub const KEY_BYTES_MAX: usize = 512;
/// Bytes of a reason or feedback that a person writes.
pub const REASON_BYTES_MAX: usize = 4 * 1024;
/// Characters of what a probe found that stand in the question to a person.
pub const FOUND_CHARS_MAX: usize = 400;
/// Steps a run may take where its budget names no limit.
pub const RUN_STEPS_DEFAULT: u32 = 1_000;
/// Steps a budget may grant.
pub const RUN_STEPS_MAX: u32 = 1_000_000;
/// The largest budget or cost, in millionths of a US dollar: a million dollars.
pub const BUDGET_MICRO_USD_MAX: i64 = 1_000_000_000_000;
/// Confirmed effects of one run that are remembered so that they can be undone; later ones cannot be.
pub const SAGA_EFFECTS_MAX: usize = 500;
/// Bytes of the arguments with which they would be undone.
pub const SAGA_BYTES_MAX: usize = 256 * 1024;
/// Effects in one packet.
pub const PACKET_EFFECTS_MAX: usize = 50;
/// Different edits of the state under one open packet.
pub const PACKET_EDITS_MAX: usize = 32;
/// Hex digits of a digest prefix that still name what was shown.
pub const DIGEST_PREFIX_MIN: usize = 12;

/// Bytes of a request body.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of an answer body, unless the manifest says less.
pub const ANSWER_BYTES_MAX: usize = 512 * 1024;
/// How long one call may take, unless the manifest says less.
pub const CALL_TIMEOUT_MS_MAX: i64 = 5 * 60 * 1000;
/// How long one call may take where the manifest is silent.
pub const CALL_TIMEOUT_MS_DEFAULT: i64 = 10_000;
/// Waits before the first, second and third retry, in milliseconds.
pub const RETRY_WAITS_MS: [i64; 3] = [1_000, 2_000, 4_000];
/// Jitter on a retry wait, in percent of it, at most.
pub const RETRY_JITTER_PERCENT_MAX: i64 = 10;
/// The longest wait a target's `Retry-After` may ask for.
pub const RETRY_AFTER_MS_MAX: i64 = 10 * 60 * 1000;
/// Failures in a row after which a target is left alone, unless its connector says otherwise.
pub const BREAKER_FAILURES_DEFAULT: u32 = 5;
/// The most that a connector may say: its target is never left alone.
pub const BREAKER_FAILURES_MAX: u32 = 1_000_000;
/// How long a target that keeps failing is left alone before it is tried again, unless its
/// connector says otherwise.
pub const BREAKER_OPEN_MS_DEFAULT: i64 = 5_000;
/// The longest that a connector may say.
pub const BREAKER_OPEN_MS_MAX: i64 = 10 * 60 * 1000;
/// Retries that a target gets, in percent of the first tries it gets, unless its connector says
/// otherwise.
pub const RETRY_PERCENT_DEFAULT: u32 = 10;
/// The most that a connector may say: all that there can be.
pub const RETRY_PERCENT_MAX: u32 = 300;
/// Retries that a target gets each second, however little else it is asked for.
pub const RETRIES_PER_SECOND_MIN: i64 = 10;
/// Retries of one target that may follow one another at once.
pub const RETRIES_KEPT_MAX: i64 = 100;
/// Requests under way at one target at one time, unless its connector says otherwise. Never more
/// than half of the runs driven.
pub const IN_FLIGHT_DEFAULT: usize = 64;
/// How long a request whose INTENT is durable waits for a place at its target.
pub const PLACE_WAIT_MS_MAX: i64 = SEND_WITHIN_MS / 2;

/// How long after an INTENT was decided its request may leave. What was not sent by then, because
/// the process or the machine was stopped, is not sent by that process.
pub const SEND_WITHIN_MS: i64 = 60_000;

/// Commands waiting for the writer.
pub const WRITER_QUEUE_MAX: usize = 4_096;
/// Commands in one transaction.
pub const COMMIT_GROUP_MAX: usize = 512;
/// Events between two checkpoints of the journal.
pub const CHECKPOINT_EVENTS: u64 = 10_000;
/// Runs driven at one time.
pub const RUNS_DRIVEN_MAX: usize = 256;
/// Times a command is decided anew after losing a race.
pub const CONFLICTS_MAX: u32 = 16;
/// Times a run's driver may end before it is done, until the run is given up as a dead letter.
pub const DRIVERS_LOST_MAX: u32 = 3;
/// Rows a list command returns at most.
pub const LIST_ROWS_MAX: u32 = 10_000;

/// How far wall clock and elapsed time may disagree before review windows stand still.
pub const CLOCK_JUMP_MS: i64 = 5 * 60 * 1000;
/// How long nothing may have been recorded before an opened store asks whether the clock is right.
pub const CLOCK_AWAY_MS_MAX: i64 = 7 * 24 * 60 * 60 * 1000;
/// Notifications kept; older ones go, shown or not.
pub const NOTIFICATIONS_KEPT_MAX: i64 = 10_000;

/// Bytes of one page of the store file. A command touches a dozen places; small pages write
/// half as many bytes for it as pages of 4,096.
pub const STORE_PAGE_BYTES: u32 = 1_024;
/// How deep JSON nests that the store keeps; its reader refuses more than 128.
pub const STORE_JSON_DEPTH_MAX: usize = 120;
/// How long a statement waits for another process's transaction.
pub const STORE_BUSY_MS: u64 = 5_000;
/// Frames the write-ahead log grows by before they are copied into the store file beside the
/// writer.
pub const WAL_COPY_FRAMES: u64 = 16_000;
/// Frames at which the writer itself copies what is left, so that the log can begin anew.
pub const WAL_FRAMES_MAX: u64 = 48_000;
/// Bytes the write-ahead log keeps once it was copied.
pub const WAL_KEPT_BYTES_MAX: u32 = 64 * 1024 * 1024;
/// Idle read connections that are kept open.
pub const READERS_IDLE_MAX: usize = 4;
/// Prepared statements that a connection keeps.
pub const STATEMENTS_CACHED_MAX: usize = 64;
/// Times the executor's lock is tried, because asking who holds it takes it for a moment.
pub const LEASE_TRIES_MAX: u32 = 5;
/// Characters of an actor's name.
pub const ACTOR_NAME_CHARS_MAX: usize = 128;
/// Bytes of a configuration file.
pub const CONFIG_BYTES_MAX: u64 = 1024 * 1024;
/// How long a verdict waits for a run that another process drives before it tells its status.
pub const VERDICT_WAIT_MS: u64 = 5_000;
/// Room beside the store below which `doctor` warns.
pub const STORE_ROOM_BYTES_MIN: u64 = 64 * 1024 * 1024;
/// Events that `audit verify` names whose values are gone.
pub const VALUES_MISSING_NAMED_MAX: usize = 10;
/// How long `start` waits for an executor that is stopped.
pub const EXECUTOR_STOPPED_MS_MAX: u64 = 5_000;
/// How long `start` waits for an executor that records nothing: one call may take nearly as long, and
/// so may the wait that a target asked for.
pub const EXECUTOR_STILL_MS_MAX: u64 = 16 * 60 * 1000;
/// Bytes of a file that keeps a journal's head.
pub const HEAD_BYTES_MAX: u64 = 64 * 1024;
/// Rows of one input that are done but wait for an earlier one to be printed before them.
pub const ROWS_HELD_BACK_MAX: usize = 4_096;
/// Rows handed to the engine in one call.
pub const ROWS_PER_BATCH: usize = 64;
/// Orders of the shipped sample that the demo runs.
pub const DEMO_ROWS: usize = 400;
/// Waiting packets that the demo's summary shows.
pub const DEMO_PACKETS_SHOWN: u32 = 5;
/// How long `doctor` waits for a connector to accept a connection.
pub const DOCTOR_CONNECT_MS_MAX: u64 = 1_000;
/// Bytes of the rows that `start --rows` loads into one field.
pub const ROWS_FIELD_BYTES_MAX: usize = STATE_BYTES_MAX;
/// How long a connection to a target may take to stand.
pub const CONNECT_TIMEOUT_MS_MAX: u64 = 5_000;
/// How long an idle connection to a target is kept for the next call.
pub const IDLE_CONNECTION_MS_MAX: u64 = 20_000;
/// Characters of an answer's body that a failure message quotes.
pub const ANSWER_EXCERPT_CHARS_MAX: usize = 300;
/// Bytes of a credential read from a file or the environment.
pub const SECRET_BYTES_MAX: usize = 16 * 1024;
/// Problems with an answer that one failure message names.
pub const ANSWER_PROBLEMS_SHOWN_MAX: usize = 3;

/// Connections the sandbox serves at one time.
pub const SANDBOX_CONNECTIONS_MAX: usize = 4_096;
/// Acts waiting for the sandbox's writer.
pub const SANDBOX_QUEUE_MAX: usize = 4_096;
/// Acts in one transaction of the sandbox.
pub const SANDBOX_GROUP_MAX: usize = 512;
/// Bytes of a request body the sandbox reads.
pub const SANDBOX_BODY_BYTES_MAX: usize = 64 * 1024;
/// Bytes of one text (a vendor, an order number, a key) the sandbox accepts.
pub const SANDBOX_TEXT_BYTES_MAX: usize = 512;
/// Pairs of a refund's metadata in the sandbox.
pub const SANDBOX_METADATA_MAX: usize = 50;
/// Objects one list of the sandbox answers.
pub const SANDBOX_LIST_MAX: usize = 100;
/// Properties of one deal in the sandbox.
pub const SANDBOX_DEAL_PROPERTIES_MAX: usize = 200;
/// Faults set in the sandbox at one time.
pub const SANDBOX_FAULTS_MAX: usize = 1_000;
/// Times one fault may strike.
pub const SANDBOX_FAULT_TIMES_MAX: u32 = 1_000_000;
/// The longest delay of one fault.
pub const SANDBOX_FAULT_DELAY_MS_MAX: u64 = 10 * 60 * 1000;
/// Bytes of a file of faults.
pub const SANDBOX_FAULT_FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Seconds the sandbox asks for in `Retry-After`.
pub const SANDBOX_RETRY_AFTER_S: u32 = 1;
/// How long a sandbox that stops lets open requests finish.
pub const SANDBOX_STOP_MS: u64 = 500;

/// Keys taken before a picture is drawn: what is typed faster than it is drawn shows all the same.
pub const CONSOLE_KEYS_PER_PICTURE_MAX: usize = 256;
/// Reads for the console under way at one time.
pub const CONSOLE_READS_MAX: usize = 4;
/// Dead letters that one dialog of the console redrives or discards.
pub const CONSOLE_LETTERS_AT_ONCE_MAX: usize = 200;
/// Notifications that a console takes as shown at one time.
pub const CONSOLE_NOTIFICATIONS_MAX: u32 = 1_000;
/// How long ctrl-z waits for calls in flight before the console stays where it is.
pub const CONSOLE_DRAIN_MS_MAX: u64 = 30_000;

const _: () = assert!(EVENTS_BEFORE_COMMIT + 4 * PACKET_EFFECTS_MAX < EVENTS_PER_COMMAND_MAX);
const _: () = assert!(STATE_BYTES_MAX > INPUT_ROW_BYTES_MAX);
const _: () = assert!(STATE_BYTES_MAX > SAGA_BYTES_MAX);
const _: () = assert!(STATE_BYTES_MAX > ANSWER_BYTES_MAX);
const _: () = assert!(EVENT_BYTES_MAX > STATE_BYTES_MAX);
const _: () = assert!(CALL_TIMEOUT_MS_DEFAULT <= CALL_TIMEOUT_MS_MAX);
const _: () = assert!(SEND_WITHIN_MS > 4 * STORE_BUSY_MS.cast_signed());
const _: () =
    assert!(EXECUTOR_STILL_MS_MAX > (RETRY_AFTER_MS_MAX + CALL_TIMEOUT_MS_MAX).unsigned_abs());
const _: () = assert!(COMMIT_GROUP_MAX <= WRITER_QUEUE_MAX);
const _: () = assert!(RUNS_DRIVEN_MAX <= WRITER_QUEUE_MAX);
const _: () = assert!(RETRY_PERCENT_MAX as usize == 100 * RETRY_WAITS_MS.len());
const _: () = assert!(RETRIES_KEPT_MAX.unsigned_abs() >= RETRY_WAITS_MS.len() as u64);
const _: () = assert!(IN_FLIGHT_DEFAULT < RUNS_DRIVEN_MAX);
const _: () = assert!(EXPRESSION_LIST_MAX <= EXPRESSION_WORK_MAX);
const _: () = assert!(RUN_STEPS_DEFAULT <= RUN_STEPS_MAX);
const _: () = assert!(STORE_PAGE_BYTES.is_power_of_two());
const _: () = assert!(WAL_COPY_FRAMES < WAL_FRAMES_MAX);
const _: () = assert!(CHECKPOINT_EVENTS > EVENTS_PER_COMMAND_MAX as u64);
const _: () = assert!(ROWS_PER_BATCH <= RUNS_DRIVEN_MAX);
const _: () = assert!(RUNS_DRIVEN_MAX <= ROWS_HELD_BACK_MAX);
const _: () = assert!(SANDBOX_GROUP_MAX <= SANDBOX_QUEUE_MAX);
const _: () = assert!(SANDBOX_TEXT_BYTES_MAX < SANDBOX_BODY_BYTES_MAX);
const _: () = assert!(ANSWER_EXCERPT_CHARS_MAX < ANSWER_BYTES_MAX);
const _: () = assert!((CONSOLE_NOTIFICATIONS_MAX as i64) < NOTIFICATIONS_KEPT_MAX);
const _: () = assert!(STORE_JSON_DEPTH_MAX > JSON_DEPTH_MAX);
