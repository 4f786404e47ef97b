//! Connections that never read, and what the kernel holds for them at the server's end.

use std::{collections::HashMap, fs, net::SocketAddr};

use anyhow::{Context, Result};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
};

/// Room for what comes in, bytes: the least that the kernel gives.
const ROOM: u32 = 4096;
/// Of a connection that stands, in the kernel's table.
const ESTABLISHED: &str = "01";

/// Sends a request and never reads the answer.
pub async fn ignore(addr: SocketAddr, request: &str) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(ROOM)?;
    let mut stream = socket.connect(addr).await?;
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// Bytes that wait to be sent at `server`'s end of each connection that stands, by the port of the other end.
///
/// # Errors
/// Not Linux.
pub fn waiting(server: SocketAddr) -> Result<HashMap<u16, u64>> {
    let table = fs::read_to_string("/proc/net/tcp").context("/proc/net/tcp (Linux only)")?;
    let port = server.port();
    let rows = table.lines().skip(1).filter_map(row);
    Ok(rows
        .filter(|row| row.local == port)
        .map(|row| (row.remote, row.waiting))
        .collect())
}

#[derive(Debug, PartialEq, Eq)]
struct Standing {
    local: u16,
    remote: u16,
    waiting: u64,
}

fn row(line: &str) -> Option<Standing> {
    let mut words = line.split_whitespace().skip(1);
    let mut port = || {
        let (_, port) = words.next()?.split_once(':')?;
        u16::from_str_radix(port, 16).ok()
    };
    let (local, remote) = (port()?, port()?);
    let state = words.next()?;
    let (waiting, _) = words.next()?.split_once(':')?;
    (state == ESTABLISHED).then_some(Standing {
        local,
        remote,
        waiting: u64::from_str_radix(waiting, 16).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_table() {
        let line = "   1: 0100007F:84E7 0100007F:A001 01 0001F400:00000000 04:00000100 00000000     0 0 1 1 0";
        let standing = Standing {
            local: 0x84E7,
            remote: 0xA001,
            waiting: 128_000,
        };
        assert_eq!(row(line), Some(standing));
        assert_eq!(row(&line.replace(" 01 ", " 0A ")), None);
    }
}
