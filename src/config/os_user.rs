//! Which operating-system user calls.

use std::fs;

/// The caller as the kernel knows it. `USER` and `LOGNAME` are never asked: anybody can set them,
/// and this name stands in the journal beside what a person claims to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsUser {
    /// The login name in `/etc/passwd`; `uid:1000` where that file does not list the user, as
    /// with users of a directory service. Configurations may map either form.
    pub name: String,
    pub uid: u32,
}

impl OsUser {
    /// The real user id of this process, and its name.
    pub fn current() -> Self {
        let uid = rustix::process::getuid().as_raw();
        let listed = fs::read_to_string("/etc/passwd").unwrap_or_default();
        Self {
            name: login_name(&listed, uid).unwrap_or_else(|| numeric(uid)),
            uid,
        }
    }

    /// Tells whether `name`, as a configuration writes it, is this user.
    pub fn is(&self, name: &str) -> bool {
        name == self.name || name == numeric(self.uid)
    }
}

fn numeric(uid: u32) -> String {
    format!("uid:{uid}")
}

/// Finds the first entry with `uid`: passwd(5), fields separated by colons, the third is the id.
fn login_name(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let listed: u32 = fields.nth(1)?.parse().ok()?;
        (listed == uid).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nbroken\n:x:7::::\njane:x:1000:1000::/:\n";

    #[test]
    fn the_login_name_is_read_from_passwd() {
        assert_eq!(login_name(PASSWD, 1000).as_deref(), Some("jane"));
        assert_eq!(login_name(PASSWD, 0).as_deref(), Some("root"));
        assert_eq!(login_name(PASSWD, 7), None);
        assert_eq!(login_name(PASSWD, 1001), None);
    }

    #[test]
    fn a_user_answers_to_name_and_number_alone() {
        let jane = OsUser {
            name: "jane".to_owned(),
            uid: 1000,
        };
        assert!(jane.is("jane") && jane.is("uid:1000"));
        assert!(!jane.is("1000") && !jane.is("root") && !jane.is(""));
    }
}
