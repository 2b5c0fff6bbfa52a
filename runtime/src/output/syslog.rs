//! Messages to the local syslog, by datagrams to `/dev/log`.

use super::{Line, Sink};
use crate::localtime;
use jiff::Timestamp;
use peregrine_compiler::rulefile::Priority;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

/// Facility `user`, as of a program that never calls openlog.
const FACILITY: u8 = 1;

/// Sends messages; connects when there is one, and again after an error.
#[derive(Debug)]
pub struct SyslogWriter {
    path: PathBuf,
    ident: String,
    socket: Option<UnixDatagram>,
}

impl SyslogWriter {
    /// To `/dev/log`, with a program's name.
    pub fn new(ident: &str) -> Self {
        Self::to("/dev/log", ident)
    }

    /// To another socket.
    pub fn to(path: impl Into<PathBuf>, ident: &str) -> Self {
        Self { path: path.into(), ident: ident.to_owned(), socket: None }
    }

    /// Sends one message.
    ///
    /// # Errors
    /// There is no such socket, or it takes nothing; the message is lost.
    pub fn send(&mut self, level: Priority, text: &[u8]) -> io::Result<()> {
        let header = format!(
            "<{}>{} {}: ",
            FACILITY << 3 | level as u8,
            localtime::syslog_stamp(Timestamp::now()),
            self.ident
        );
        let mut message = header.into_bytes();
        message.extend_from_slice(text);
        if let Some(socket) = &self.socket
            && socket.send(&message).is_ok()
        {
            return Ok(());
        }
        self.socket = None;
        let socket = UnixDatagram::unbound()?;
        let refused = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", self.path.display()));
        socket.connect(&self.path).map_err(refused)?;
        socket.send(&message).map_err(refused)?;
        self.socket = Some(socket);
        Ok(())
    }
}

/// Alerts to syslog; the level is the rule's priority.
#[derive(Debug)]
pub struct SyslogSink(SyslogWriter);

impl SyslogSink {
    /// Through `writer`.
    pub fn new(writer: SyslogWriter) -> Self {
        Self(writer)
    }
}

impl Sink for SyslogSink {
    fn name(&self) -> &'static str {
        "syslog_output"
    }

    fn write(&mut self, line: &Line<'_>) -> io::Result<()> {
        self.0.send(line.priority, line.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn receive(server: &UnixDatagram) -> String {
        let mut buffer = [0; 200];
        let n = server.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..n].to_vec()).unwrap()
    }

    #[test]
    fn messages_have_facility_level_time_and_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut sink = SyslogSink::new(SyslogWriter::to(&path, "falco"));
        let line = Line { text: b"hello", priority: Priority::Warning, rule: "r" };
        assert_eq!(sink.write(&line).unwrap_err().kind(), io::ErrorKind::NotFound);
        let server = UnixDatagram::bind(&path).unwrap();
        sink.write(&line).unwrap();
        let text = receive(&server);
        assert!(text.starts_with("<12>") && text.ends_with(" falco: hello"), "{text}");
        assert_eq!(text.len(), "<12>Nov  2 05:23:18 falco: hello".len());
        // the daemon starts anew
        drop(server);
        fs::remove_file(&path).unwrap();
        let server = UnixDatagram::bind(&path).unwrap();
        sink.write(&Line { priority: Priority::Debug, ..line }).unwrap();
        assert!(receive(&server).starts_with("<15>"));
    }
}
