//! Tells from a failed request which stop it is. The libraries wrap one another's errors, so the
//! chain of causes is walked until one says what happened. Keeps no state.

use std::{error::Error, io};

use kiosk_base::domain::Stop;
use rustls::{AlertDescription, CertificateError, Error as TlsError};

use super::LinkError;

/// What a request that brought no answer failed of.
pub(super) fn of_request(error: &reqwest::Error) -> LinkError {
    let causes = causes(error);
    let detail = causes.last().map_or_else(|| error.to_string(), ToString::to_string);
    let stop = match causes.iter().find_map(|cause| tls_error(*cause)) {
        Some(tls) => of_tls(tls),
        None if error.is_connect() => Stop::LinkDown,
        None if error.is_timeout() => Stop::LinkTimeout,
        None if error.is_builder() => Stop::ConfigWrong,
        None if is_nonsense(&causes) => Stop::LinkNonsense,
        None => Stop::LinkDown,
    };
    // Some causes quote the address asked; none of them knows a person.
    LinkError { stop, detail }
}

fn of_tls(error: &TlsError) -> Stop {
    match error {
        TlsError::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Stop::LinkServerExpired,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Stop::LinkWrongName
            }
            _ => Stop::LinkWrongAuthority,
        },
        TlsError::NoCertificatesPresented => Stop::LinkWrongAuthority,
        TlsError::AlertReceived(alert) => match alert {
            AlertDescription::CertificateExpired => Stop::LinkOwnExpired,
            AlertDescription::CertificateRequired
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError => Stop::LinkClientRefused,
            _ => Stop::LinkProtocol,
        },
        TlsError::PeerIncompatible(_)
        | TlsError::PeerMisbehaved(_)
        | TlsError::InvalidMessage(_)
        | TlsError::InappropriateMessage { .. }
        | TlsError::InappropriateHandshakeMessage { .. }
        | TlsError::NoApplicationProtocol
        | TlsError::PeerSentOversizedRecord
        | TlsError::DecryptError => Stop::LinkProtocol,
        _ => Stop::LinkDown,
    }
}

/// Whether the peer speaks something that is not HTTP.
fn is_nonsense(causes: &[&(dyn Error + 'static)]) -> bool {
    causes
        .iter()
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(|e| e.is_parse() || e.is_parse_too_large() || e.is_parse_status())
}

fn tls_error<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a TlsError> {
    cause.downcast_ref::<TlsError>()
}

/// The error and its causes, outermost first. An `io::Error` hides the error it was made from
/// unless asked for it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    /// Deeper chains do not occur; a cyclic one must not hang the kiosk.
    const DEPTH: usize = 16;
    let mut found = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next.filter(|_| found.len() < DEPTH) {
        found.push(cause);
        let hidden = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match hidden {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => cause.source(),
        };
    }
    found
}
