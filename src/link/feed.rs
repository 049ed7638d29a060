//! Pages of the feed on their way in: asked for compressed, unpacked within a limit, believed only
//! with the county's signature. Whether a page continues the feed is for the caller to check
//! ([`FeedPage::fault`]): only the cache knows where the feed stands.
//!
//! State: the keys that are believed, read again from their file when a page is not signed by one of
//! them and before each heartbeat, so that a new file counts without a restart. Of each collection
//! the last page that said there was nothing new, with its entity tag, so
//! that the county can answer in a few bytes that this still holds.

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ED25519, UnparsedPublicKey},
};
use kiosk_base::{
    domain::{Stop, hex::unhex},
    wire::{
        Audience, Collection, FEED_KEYS_MAX, FEED_PAGE_BYTES, FEED_SIGNATURE, FeedPage,
        feed_key_id, signed_page, signed_unchanged,
    },
};
use reqwest::{
    Response, StatusCode,
    header::{
        ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH,
    },
};
use rustls::pki_types::SubjectPublicKeyInfoDer;

use super::{
    Client, LinkError,
    client::{Purpose, content_type, misread, nonsense},
    pem::{self, Fault, File, FileFault},
};

/// A public key of Ed25519 as SPKI (RFC 8410) begins so; its 32 bytes follow.
const SPKI_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// Bytes of an entity tag.
const ETAG_BYTES: usize = 256;
/// Largest window, as a power of two, that a compressed page may ask memory for: 8 MB.
const WINDOW_LOG_MAX: u32 = 23;
/// Bytes unpacked at a time.
const PIECE: usize = 32 * 1024;

/// The public keys by one of which every page must be signed, and every head of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedKeys(Vec<[u8; 32]>);

/// The keys in use, and the file that has them.
#[derive(Debug)]
pub(super) struct KeyFile {
    path: PathBuf,
    keys: RwLock<FeedKeys>,
}

/// That there was nothing new, and by which tag the county knows it again.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    since: u64,
    audience: Audience,
    etag: String,
    page: FeedPage,
}

impl FeedKeys {
    /// Reads a PEM file of one to eight public keys.
    ///
    /// # Errors
    /// The file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, FileFault> {
        let wrong = |fault| FileFault::new(File::FeedKey, path, fault);
        let found = pem::public_keys(path).map_err(wrong)?;
        let key = |der: &SubjectPublicKeyInfoDer<'_>| {
            der.strip_prefix(&SPKI_PREFIX).and_then(|key| <[u8; 32]>::try_from(key).ok())
        };
        match found.iter().map(key).collect::<Option<Vec<_>>>() {
            Some(keys) if keys.len() <= FEED_KEYS_MAX => Ok(Self(keys)),
            _ => Err(wrong(Fault::NoFeedKeys)),
        }
    }

    /// Whether `signature` over `message` is by one of the keys.
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let good = |key: &[u8; 32]| {
            UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
        };
        self.0.iter().any(good)
    }

    /// What a heartbeat calls them.
    pub fn ids(&self) -> Vec<String> {
        self.0.iter().map(feed_key_id).collect()
    }
}

impl KeyFile {
    pub(super) fn open(path: &Path) -> Result<Self, LinkError> {
        Ok(Self { path: path.to_owned(), keys: RwLock::new(FeedKeys::read(path)?) })
    }

    fn keys(&self) -> FeedKeys {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys as the file has them now; those before, while it cannot be read.
    pub(super) fn newest(&self) -> FeedKeys {
        let newest = match FeedKeys::read(&self.path) {
            Ok(newest) => newest,
            Err(error) => {
                tracing::warn!("feed keys: {error}; those before are kept");
                return self.keys();
            }
        };
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if *keys != newest {
            tracing::warn!(keys = ?newest.ids(), "feed keys: the file has changed");
            keys.clone_from(&newest);
        }
        newest
    }

    /// Whether `signature` over `message` is by one of the keys.
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.keys().signed(message, signature) || self.newest().signed(message, signature)
    }

    /// Whether the answer's signature over `message` is by one of the keys.
    fn verify(&self, headers: &HeaderMap, message: &[u8]) -> Result<(), LinkError> {
        let given = headers.get(FEED_SIGNATURE).and_then(|value| value.to_str().ok());
        let Some(signature) = given.and_then(signature) else {
            return Err(forged("the page is not signed"));
        };
        if self.signed(message, &signature) {
            Ok(())
        } else {
            Err(forged("the signature is wrong"))
        }
    }
}

impl Client {
    /// Fetches the changes of `collection` after `since`.
    ///
    /// The page's epoch is that of this kiosk: the county's with the kiosk's town. A kiosk that
    /// moved to another town so begins again.
    ///
    /// # Errors
    /// Any [`LinkError`]; [`Stop::FeedForged`] when the county did not sign this page for this
    /// place in the feed and this kiosk.
    pub async fn feed_page(
        &self,
        collection: Collection,
        since: u64,
    ) -> Result<FeedPage, LinkError> {
        self.snapshot_page(collection, since, None).await
    }

    /// As [`feed_page`](Self::feed_page) for a kiosk that has come to `since` from 0, where the
    /// page's head was `snapshot`: what was gone by then is left out.
    ///
    /// # Errors
    /// As [`feed_page`](Self::feed_page).
    pub async fn snapshot_page(
        &self,
        collection: Collection,
        since: u64,
        snapshot: Option<u64>,
    ) -> Result<FeedPage, LinkError> {
        let mut path = format!("/v1/feed/{}?since={since}", collection.as_str());
        if let Some(head) = snapshot {
            path.push_str(&format!("&snapshot={head}"));
        }
        let audience = Audience::of(self.division().as_ref());
        let settled = self.settled(collection);
        let settled = settled.filter(|it| it.since == since && it.audience == audience);
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("zstd"));
        if let Some(etag) = settled.as_ref().and_then(|it| it.etag.parse().ok()) {
            headers.insert(IF_NONE_MATCH, etag);
        }
        let talk = async {
            let response = self.send(Purpose::Feed, &path, headers, None).await?;
            match response.status() {
                StatusCode::OK => self.page(response, collection, since, audience).await,
                StatusCode::NOT_MODIFIED => {
                    let settled = settled.ok_or_else(|| nonsense("304 without a condition"))?;
                    let Settled { etag, page, .. } = settled;
                    let signed = signed_unchanged(collection, since, &audience, &etag);
                    self.feed_keys().verify(response.headers(), &signed)?;
                    Ok(page)
                }
                _ => Err(self.refused(Purpose::Feed, response).await),
            }
        };
        self.within_limits(Purpose::Feed, talk).await
    }

    async fn page(
        &self,
        response: Response,
        collection: Collection,
        since: u64,
        audience: Audience,
    ) -> Result<FeedPage, LinkError> {
        let headers = response.headers().clone();
        if content_type(&headers) != Some("application/json") {
            return Err(nonsense("the answer is not JSON"));
        }
        let packed = match text(&headers, CONTENT_ENCODING) {
            Some("zstd") => true,
            None => false,
            Some(_) => return Err(nonsense("the page is compressed as nobody asked for")),
        };
        let mut body = self.read(response, FEED_PAGE_BYTES).await?;
        if packed {
            *body = unpack(&body, FEED_PAGE_BYTES)?;
        }
        let sha256 = digest(&SHA256, &body);
        let sha256 = sha256.as_ref().try_into().expect("SHA-256 has 32 bytes");
        let signed = signed_page(collection, since, &audience, sha256);
        self.feed_keys().verify(&headers, &signed)?;
        let mut page = FeedPage::read(&body).map_err(|error| misread(&error))?;
        if !page.left_out.is_empty() {
            const NAMED: usize = 5;
            let count = page.left_out.len();
            tracing::warn!(
                collection = collection.as_str(),
                since,
                count,
                first = ?page.left_out.iter().filter(|id| !id.is_empty()).take(NAMED).collect::<Vec<_>>(),
                "feed: items that are not understood are left out"
            );
        }
        if !page.epoch.is_empty() {
            page.epoch = format!("{}/{}", page.epoch, audience.as_str());
        }
        let etag = text(&headers, ETAG).filter(|etag| etag.len() <= ETAG_BYTES);
        let nothing_new = page.items.is_empty() && page.next == since && page.head == since;
        let settled = etag.filter(|_| nothing_new).map(|etag| Settled {
            since,
            audience,
            etag: etag.to_owned(),
            page: page.clone(),
        });
        self.settle(collection, settled);
        Ok(page)
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    // What is no text is not what is expected either.
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// Unpacks zstd to at most `limit` bytes; whatever the frame says, no more memory is taken.
fn unpack(packed: &[u8], limit: usize) -> Result<Vec<u8>, LinkError> {
    let wrong = |_| nonsense("the page cannot be unpacked");
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(wrong)?;
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(wrong)?;
    let mut unpacked = Vec::with_capacity((8 * packed.len()).min(limit));
    let mut piece = [0; PIECE];
    loop {
        let read = decoder.read(&mut piece).map_err(wrong)?;
        if read == 0 {
            return Ok(unpacked);
        }
        let length = unpacked.len() + read;
        if length > limit {
            return Err(nonsense("the page is too large"));
        }
        if length > unpacked.capacity() {
            unpacked.reserve_exact((2 * length).min(limit) - unpacked.len());
        }
        unpacked.extend_from_slice(&piece[..read]);
    }
}

/// 128 hexadecimal digits.
/// A signature of Ed25519 as it is written.
pub(super) fn signature(text: &str) -> Option<[u8; 64]> {
    unhex(text)?.try_into().ok()
}

fn forged(detail: &str) -> LinkError {
    LinkError { stop: Stop::FeedForged, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bomb_is_refused_before_it_unfolds() {
        let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 1).expect("packed");
        assert!(bomb.len() < 64 << 10);
        let error = unpack(&bomb, 1 << 20).expect_err("too large");
        assert_eq!(error.detail, "the page is too large");
        let exact = zstd::bulk::compress(&vec![7; 1 << 20], 1).expect("packed");
        let unpacked = unpack(&exact, 1 << 20).expect("just fits");
        assert!(unpacked.len() == 1 << 20 && unpacked.capacity() <= 1 << 20);
        assert!(unpack(&exact, (1 << 20) - 1).is_err());
    }

    #[test]
    fn a_window_larger_than_allowed_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("an encoder");
        encoder.window_log(27).expect("a window of 128 MB");
        std::io::Write::write_all(&mut encoder, b"small").expect("packed");
        assert!(unpack(&encoder.finish().expect("packed"), 1 << 20).is_err());
    }

    #[test]
    fn a_frame_cut_short_or_followed_by_something_is_refused() {
        let text: Vec<u8> = (0..10_000_u32).flat_map(u32::to_le_bytes).collect();
        let packed = zstd::bulk::compress(&text, 3).expect("packed");
        assert_eq!(unpack(&packed, 1 << 20).expect("whole"), text);
        for length in 1..packed.len() {
            assert!(unpack(&packed[..length], 1 << 20).is_err(), "{length}");
        }
        assert!(unpack(&[packed, b"more".to_vec()].concat(), 1 << 20).is_err());
    }

    #[test]
    fn a_file_of_keys_holds_ed25519_keys_and_nothing_else() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("feed.pub");
        let key = |algorithm| rcgen::KeyPair::generate_for(algorithm).expect("a key");
        let (good, other) = (key(&rcgen::PKCS_ED25519), key(&rcgen::PKCS_ECDSA_P256_SHA256));
        let read = |text: String| {
            std::fs::write(&path, text).expect("written");
            FeedKeys::read(&path).map_err(LinkError::from)
        };
        assert_eq!(read(good.public_key_pem()).expect("one").0.len(), 1);
        assert_eq!(read(good.public_key_pem().repeat(8)).expect("many").0.len(), 8);
        for wrong in [
            String::new(),
            other.public_key_pem(),
            good.public_key_pem() + &other.public_key_pem(),
            good.public_key_pem().repeat(9),
            good.serialize_pem(),
        ] {
            let error = read(wrong).expect_err("refused");
            assert!(error.stop == Stop::ConfigWrong && error.detail.contains("feed.pub"));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_unpack_beyond_the_limit(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut framed = vec![0x28, 0xb5, 0x2f, 0xfd];
            framed.extend(bytes);
            if let Ok(unpacked) = unpack(&framed, 1_000) {
                prop_assert!(unpacked.len() <= 1_000);
            }
        }
    }
}
