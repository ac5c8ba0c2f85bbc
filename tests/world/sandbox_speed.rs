//! How fast the sandbox takes orders. A measurement: run it alone, with `--ignored --nocapture`.

use std::time::Instant;

use countersign::sandbox::{Sandbox, SandboxOptions};
use tempfile::TempDir;

use crate::raw::{Client, ledger, order};

const CLIENTS: usize = 64;
const ORDERS_EACH: usize = 300;
/// What the engine's own pace asks of the outside world.
const ORDERS_PER_S_MIN: f64 = 3_000.0;

#[test]
#[ignore = "a measurement of this machine"]
fn it_takes_more_orders_than_the_engine_sends() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let url = sandbox.url();
            scope.spawn(move || {
                let mut connection = Client::to(url);
                for number in 0..ORDERS_EACH {
                    let po_id = format!("PO-{client}-{number}");
                    let answer =
                        connection.send("POST", "/erp/orders", Some(&po_id), &order(&po_id));
                    assert_eq!(answer.unwrap().status, 201);
                }
            });
        }
    });
    let orders = CLIENTS * ORDERS_EACH;
    let per_s = f64::from(u32::try_from(orders).unwrap()) / start.elapsed().as_secs_f64();
    println!("{per_s:.0} orders per second from {CLIENTS} clients");
    assert_eq!(ledger(&sandbox).len(), orders);
    assert!(per_s > ORDERS_PER_S_MIN, "{per_s:.0}");
}
