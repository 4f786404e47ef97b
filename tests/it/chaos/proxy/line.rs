//! One connection through the proxy: carried both ways, slowed, sliced, and broken when its time has come.

use std::{pin::pin, sync::atomic::Ordering, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::mpsc,
    time::{sleep, timeout},
};

use super::{Cut, Shared};
use crate::chaos::dice::Dice;

/// How long a half-closed connection is kept up.
const HALF: Duration = Duration::from_millis(500);
/// How long a swallowed one is held.
const HOLD: Duration = Duration::from_secs(300);

/// How carrying one way ended.
#[derive(PartialEq, Eq)]
enum End {
    /// The side that spoke has closed.
    Eof,
    Broken,
    /// The bytes that the connection was given are used up.
    Spent,
}

/// What a connection comes to.
enum Fate {
    Cut(Cut),
    Over,
}

pub(super) async fn carry(
    mut client: TcpStream,
    shared: &Shared,
    mut orders: mpsc::UnboundedReceiver<Cut>,
    mut dice: Dice,
) {
    let Some(mut server) = shared.connect().await else {
        // As if nobody listened.
        let _ = client.set_zero_linger();
        return;
    };
    for side in [&client, &server] {
        // If it fails, pieces merely come in bunches.
        let _ = side.set_nodelay(true);
    }
    let weather = shared.weather();
    let budget = weather.cut_after.clone().map(|range| dice.within(range));
    let planned = (!weather.cuts.is_empty()).then(|| *dice.pick(&weather.cuts));
    let fate = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let mut up = pin!(pump(from_client, to_server, shared, dice.split(), None));
        let mut down = pin!(pump(
            from_server,
            to_client,
            shared,
            dice.split(),
            budget.or(Some(u64::MAX))
        ));
        let mut asking = true;
        loop {
            tokio::select! {
                Some(cut) = orders.recv() => break Fate::Cut(cut),
                end = &mut up, if asking => match end {
                    End::Eof => asking = false,
                    End::Broken | End::Spent => break Fate::Over,
                },
                end = &mut down => break match end {
                    End::Spent => Fate::Cut(planned.unwrap_or(Cut::Eof)),
                    End::Eof | End::Broken => Fate::Over,
                },
            }
        }
    };
    let Fate::Cut(cut) = fate else { return };
    shared.cuts.fetch_add(1, Ordering::Relaxed);
    match cut {
        Cut::Reset => {
            for side in [&client, &server] {
                // A socket that is dead already may refuse it, which is as good.
                let _ = side.set_zero_linger();
            }
        }
        Cut::Eof => {}
        Cut::HalfToClient => {
            let _ = client.shutdown().await;
            let _ = timeout(HALF, tokio::io::copy(&mut server, &mut tokio::io::sink())).await;
        }
        Cut::HalfToServer => {
            let _ = server.shutdown().await;
            let _ = timeout(HALF, tokio::io::copy(&mut server, &mut tokio::io::sink())).await;
        }
        Cut::Swallow => sleep(HOLD).await,
    }
}

/// Carries bytes one way. `budget` is set on the way to the client, whose bytes are counted.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    shared: &Shared,
    mut dice: Dice,
    mut budget: Option<u64>,
) -> End {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = match from.read(&mut buffer).await {
            Ok(0) => {
                let _ = to.shutdown().await;
                return End::Eof;
            }
            Ok(count) => count,
            Err(_) => return End::Broken,
        };
        let weather = shared.weather();
        let jitter = u64::try_from(weather.jitter.as_micros()).unwrap_or(0);
        let late = weather.latency + Duration::from_micros(dice.within(0..=jitter));
        if !late.is_zero() {
            sleep(late).await;
        }
        let mut rest = &buffer[..count];
        while !rest.is_empty() {
            let slice = weather.slice.map_or(u64::MAX, |most| dice.within(1..=most));
            let size = slice.min(budget.unwrap_or(u64::MAX)).min(rest.len() as u64);
            let (piece, after) = rest.split_at(size as usize);
            if to.write_all(piece).await.is_err() {
                return End::Broken;
            }
            rest = after;
            if let Some(left) = &mut budget {
                shared.to_client.fetch_add(size, Ordering::Relaxed);
                *left -= size;
                if *left == 0 {
                    return End::Spent;
                }
            }
            if let Some(rate) = weather.bandwidth {
                sleep(Duration::from_secs_f64(size as f64 / rate as f64)).await;
            }
            if weather.slice.is_some() {
                tokio::task::yield_now().await;
            }
        }
    }
}
