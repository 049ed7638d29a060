//! The PEM files of the link: reading one, and what can be wrong with it, each fault by itself, so
//! that whoever must mend it hears which file it is and what to do. Keeps no state.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kiosk_base::domain::Stop;
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, SubjectPublicKeyInfoDer,
    pem::{self, PemObject},
};
use zeroize::Zeroizing;

use super::LinkError;

/// Most bytes of a PEM file; a chain of three is about 3 kB.
const FILE_BYTES: u64 = 64 * 1024;

/// Which of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// The county's certificates.
    Authority,
    /// This kiosk's certificate chain.
    Certificate,
    /// This kiosk's private key.
    Key,
    /// The public keys of the listings.
    FeedKey,
}

impl File {
    /// The setting that names it.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Authority => "link.authority",
            Self::Certificate => "link.certificate",
            Self::Key => "link.key",
            Self::FeedKey => "link.feed_key",
        }
    }
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is none.
    #[error("没有这个文件")]
    Absent,
    /// It may not be read.
    #[error("运行用户没有权限读；请把文件交给运行 kiosk 的用户（chown）")]
    Forbidden,
    /// It cannot be read otherwise.
    #[error("读不出来")]
    Unreadable,
    /// It is far larger than such files are.
    #[error("太大，不是 PEM 文件；请重新复制")]
    TooLarge,
    /// An editor has put a byte-order mark before it, or saved it in two bytes a letter.
    #[error("开头有字节顺序标记（BOM）；请重新复制，不要用编辑器打开保存")]
    ByteOrderMark,
    /// It is DER.
    #[error("是二进制的 DER，不是 PEM；请用 openssl 转换，或复制 PEM 文件")]
    Binary,
    /// A `-----END …-----` is missing or cut.
    #[error("不完整，缺“-----END”一行；请重新复制整个文件")]
    Cut,
    /// What is between the lines is not what they say.
    #[error("内容损坏；请重新复制")]
    Broken,
    /// There is nothing of the kind in it.
    #[error("里面没有要用的 PEM 证书、私钥或公钥")]
    Lacking,
    /// The key is locked with a passphrase.
    #[error("私钥加了密码，kiosk 无法输入；请去掉密码另存")]
    Encrypted,
    /// Others than the owner can read the key.
    #[error("别的用户也能读私钥；请运行 chmod 600")]
    Exposed,
    /// The key is that of another certificate.
    #[error("私钥和 link.certificate 的证书不是一对")]
    OtherKey,
    /// The kiosk's own certificate is not the first, or one does not sign the one before it.
    #[error("证书次序不对；本机证书要排在最前，签发它的证书依次排在后面")]
    Disordered,
    /// The authority's file holds somebody's certificate.
    #[error("不是县中心签发机构的证书（ca.pem）")]
    NoAuthority,
    /// The kiosk's certificate is of another authority.
    #[error("不是 link.authority 里的县中心签发的")]
    OtherAuthority,
    /// It is the certificate of a server, not of a kiosk.
    #[error("不是终端的证书")]
    OtherPurpose,
    /// A key of the listings is of another kind, or there are too many.
    #[error("里面要有 1 到 8 个 Ed25519 公钥")]
    NoFeedKeys,
}

/// A file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}（{}）：{fault}", .path.display(), .file.setting())]
pub struct FileFault {
    /// Which.
    pub file: File,
    /// Where it is.
    pub path: PathBuf,
    /// Why.
    pub fault: Fault,
}

impl FileFault {
    pub(super) fn new(file: File, path: &Path, fault: Fault) -> Self {
        Self { file, path: path.to_owned(), fault }
    }
}

impl From<FileFault> for LinkError {
    fn from(fault: FileFault) -> Self {
        Self { stop: Stop::ConfigWrong, detail: fault.to_string() }
    }
}

/// The certificates of a file, at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    all(&read(path)?)
}

/// The public keys of a file, at least one.
pub(super) fn public_keys(path: &Path) -> Result<Vec<SubjectPublicKeyInfoDer<'static>>, Fault> {
    all(&read(path)?)
}

/// The private key of a file.
pub(super) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, Fault> {
    let text = read(path)?;
    let says = |words: &[u8]| text.windows(words.len()).any(|part| part == words);
    // The old form says so in a line of its own.
    if says(b"BEGIN ENCRYPTED PRIVATE KEY") || says(b"Proc-Type: 4,ENCRYPTED") {
        return Err(Fault::Encrypted);
    }
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| of_parser(&error))
}

/// Whether others than the owner can read the file.
#[cfg(unix)]
pub(super) fn exposed(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

/// Takes the key away from everybody but its owner.
pub(super) fn hide(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

/// Only Unix tells.
#[cfg(not(unix))]
pub(super) fn exposed(_path: &Path) -> bool {
    false
}

fn all<T: PemObject>(text: &[u8]) -> Result<Vec<T>, Fault> {
    let all: Result<Vec<_>, _> = T::pem_slice_iter(text).collect();
    let all = all.map_err(|error| of_parser(&error))?;
    if all.is_empty() { Err(Fault::Lacking) } else { Ok(all) }
}

/// The text of a file, as far as it looks like PEM.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let of_system = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Fault::Absent,
        io::ErrorKind::PermissionDenied => Fault::Forbidden,
        _ => Fault::Unreadable,
    };
    if fs::metadata(path).map_err(of_system)?.len() > FILE_BYTES {
        return Err(Fault::TooLarge);
    }
    let text = Zeroizing::new(fs::read(path).map_err(of_system)?);
    if [&b"\xEF\xBB\xBF"[..], b"\xFF\xFE", b"\xFE\xFF"].iter().any(|mark| text.starts_with(mark)) {
        return Err(Fault::ByteOrderMark);
    }
    // A sequence, as every certificate and key is one.
    if matches!(text[..], [0x30, length, ..] if length >= 0x80) {
        return Err(Fault::Binary);
    }
    let lines =
        |start: &[u8]| text.split(|byte| *byte == b'\n').filter(|l| l.starts_with(start)).count();
    match lines(b"-----BEGIN ") == lines(b"-----END ") {
        true => Ok(text),
        false => Err(Fault::Cut),
    }
}

fn of_parser(error: &pem::Error) -> Fault {
    match error {
        pem::Error::MissingSectionEnd { .. } => Fault::Cut,
        pem::Error::NoItemsFound => Fault::Lacking,
        _ => Fault::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_file_is_told_apart() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("x.pem");
        let certified =
            rcgen::generate_simple_self_signed(["kiosk".to_owned()]).expect("a certificate");
        let whole = certified.cert.pem();
        let der = certified.cert.der().to_vec();
        let end = whole.find("-----END").expect("an end");
        let marked = ["\u{FEFF}".as_bytes(), whole.as_bytes()].concat();
        let wide: Vec<u8> =
            [0xFEFF].into_iter().chain(whole.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let two = format!("{}{whole}", &whole[..end]);
        let broken = whole.replacen("MII", "M??", 1);
        let cases: [(&[u8], Result<usize, Fault>); 11] = [
            (whole.as_bytes(), Ok(1)),
            (&whole.as_bytes()[..end], Err(Fault::Cut)),
            (&whole.as_bytes()[..end + 12], Err(Fault::Cut)),
            (two.as_bytes(), Err(Fault::Cut)),
            (&marked, Err(Fault::ByteOrderMark)),
            (&wide, Err(Fault::ByteOrderMark)),
            (&der, Err(Fault::Binary)),
            (b"<html>", Err(Fault::Lacking)),
            (b"", Err(Fault::Lacking)),
            (broken.as_bytes(), Err(Fault::Broken)),
            (&[b'x'; 70_000], Err(Fault::TooLarge)),
        ];
        for (content, right) in cases {
            fs::write(&path, content).expect("written");
            let found = certificates(&path).map(|found| found.len());
            assert_eq!(
                found,
                right,
                "{:?}",
                String::from_utf8_lossy(&content[..content.len().min(80)])
            );
        }
        assert_eq!(key(&path), Err(Fault::TooLarge));
        fs::write(&path, whole).expect("written");
        assert_eq!(key(&path), Err(Fault::Lacking), "a certificate is no key");
        assert_eq!(certificates(home.path()), Err(Fault::Unreadable));
        assert_eq!(certificates(&home.path().join("none")), Err(Fault::Absent));
        let locked =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII=\n-----END ENCRYPTED PRIVATE KEY-----\n";
        fs::write(&path, locked).expect("written");
        assert_eq!(key(&path), Err(Fault::Encrypted));
    }
}
