//! How a secret looks in base64 (RFC 4648 §4 and §5), alone or inside of a longer text.
//!
//! Six bits make a character, so that eight of them begin at one of three places in it. The
//! characters that hold bits of what stands before or after the secret are not known and are left:
//! four bits of the secret at each end at most.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Every form to look for, the longest first.
pub(super) fn forms(secret: &[u8]) -> Vec<String> {
    let mut forms = Vec::new();
    for alphabet in [STANDARD, URL] {
        let alone = encoded(&sextets(secret), alphabet);
        forms.extend((1..=2).rev().map(|n| format!("{alone}{}", "=".repeat(n))));
        forms.push(alone);
        forms.extend((0..3).map(|before| encoded(&inside(secret, before), alphabet)));
    }
    forms.dedup();
    forms
}

/// The sextets that hold nothing but bits of the secret, after `before` other bytes.
fn inside(secret: &[u8], before: usize) -> Vec<u8> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(secret);
    let whole = bytes.len() * 8 / 6;
    let first = (before * 8).div_ceil(6);
    let sextets = sextets(&bytes).into_iter();
    sextets.take(whole).skip(first).collect()
}

fn sextets(bytes: &[u8]) -> Vec<u8> {
    let mut sextets = Vec::with_capacity(bytes.len() * 8 / 6 + 1);
    let (mut held, mut bits) = (0_u16, 0_u32);
    for byte in bytes {
        held = ((held << 8) | u16::from(*byte)) & 0x3fff;
        bits += 8;
        while bits >= 6 {
            bits -= 6;
            sextets.push(lowest(held >> bits));
        }
    }
    if bits > 0 {
        sextets.push(lowest(held << (6 - bits)));
    }
    sextets
}

fn lowest(held: u16) -> u8 {
    let [_, low] = held.to_be_bytes();
    low & 0x3f
}

fn encoded(sextets: &[u8], alphabet: &[u8; 64]) -> String {
    let characters = sextets
        .iter()
        .filter_map(|sextet| alphabet.get(usize::from(*sextet)));
    characters.map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_are_those_of_the_rfc() {
        for (plain, expected) in [
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let expected = expected.to_owned();
            assert!(forms(plain.as_bytes()).contains(&expected), "{plain}");
        }
        let dashed = forms(&[0xfb, 0xff, 0xfe]);
        assert!(dashed.contains(&"+//+".to_owned()) && dashed.contains(&"-__-".to_owned()));
    }

    #[test]
    fn a_secret_is_found_at_every_place_of_a_longer_text() {
        let secret = b"s3cr3t-token";
        for before in 0..6 {
            for after in 0..4 {
                let mut text = vec![b'u'; before];
                text.extend_from_slice(secret);
                text.extend(std::iter::repeat_n(b'z', after));
                let text = encoded(&sextets(&text), STANDARD);
                let found = forms(secret)
                    .into_iter()
                    .find(|form| text.contains(form.as_str()));
                let length = found.map_or(0, |form| form.len());
                assert!(
                    length >= secret.len() * 8 / 6 - 2,
                    "{before} {after} {text}"
                );
            }
        }
    }
}
