//! Which operators work on which types.
//!
//! | family  | operators besides `exists` |
//! |---------|-----------------------------|
//! | number  | `= == != < <= > >= in intersects` |
//! | bool    | `= == != in intersects` |
//! | text    | all but `bcontains bstartswith` |
//! | buffer  | `= == != contains startswith endswith bcontains bstartswith in intersects` |
//! | address, network | `= == != in intersects` |
//! | other   | none |
//! | any list | `in intersects` only |

use crate::schema::Type;
use crate::syntax::ast::Op;

/// Types that are compared alike.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Family {
    /// Signed integers.
    Int,
    /// Unsigned integers, flags, ports, times.
    Uint,
    /// Booleans.
    Bool,
    /// Floating point.
    Double,
    /// Texts and paths.
    Text,
    /// Byte buffers.
    Buffer,
    /// Addresses.
    Ip,
    /// Networks: the field's value is an address, the constants are networks.
    Net,
    /// Known with the event only.
    Dyn,
    /// Socket addresses and other values that can only be tested for existence.
    Opaque,
}

impl Family {
    /// The family of a type.
    pub fn of(ty: Type) -> Self {
        match ty {
            Type::Int8
            | Type::Int16
            | Type::Int32
            | Type::Int64
            | Type::Fd
            | Type::Pid
            | Type::Errno
            | Type::Fd32
            | Type::Pid32 => Self::Int,
            Type::Uint8
            | Type::Uint16
            | Type::Uint32
            | Type::Uint64
            | Type::Port
            | Type::L4Proto
            | Type::SockFamily
            | Type::SyscallId
            | Type::SigType
            | Type::SigSet
            | Type::RelTime
            | Type::AbsTime
            | Type::Flags8
            | Type::Flags16
            | Type::Flags32
            | Type::EnumFlags8
            | Type::EnumFlags16
            | Type::EnumFlags32
            | Type::Mode
            | Type::Uid
            | Type::Gid => Self::Uint,
            Type::Bool => Self::Bool,
            Type::Double => Self::Double,
            Type::CharBuf | Type::FsPath | Type::FsRelPath => Self::Text,
            Type::ByteBuf => Self::Buffer,
            Type::Ipv4Addr | Type::Ipv6Addr | Type::IpAddr => Self::Ip,
            Type::Ipv4Net | Type::Ipv6Net | Type::IpNet => Self::Net,
            Type::Dyn => Self::Dyn,
            Type::None
            | Type::SockAddr
            | Type::SockTuple
            | Type::FdList
            | Type::CharBufArray
            | Type::CharBufPairArray => Self::Opaque,
        }
    }

    /// What values of the family are called in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int | Self::Uint | Self::Double => "a number",
            Self::Bool => "a boolean",
            Self::Text => "a text",
            Self::Buffer => "a byte buffer",
            Self::Ip => "an address",
            Self::Net => "a network",
            Self::Dyn => "a parameter",
            Self::Opaque => "a structure",
        }
    }

    /// Whether an operator works on single values of the family.
    pub fn allows(self, op: Op) -> bool {
        use Op::{
            BContains, BStartsWith, Contains, EndsWith, Eq, EqEq, Exists, Ge, Gt, In, Intersects, Le, Lt, Ne,
            StartsWith,
        };
        match self {
            Self::Int | Self::Uint | Self::Double => {
                matches!(op, Exists | Eq | EqEq | Ne | Lt | Le | Gt | Ge | In | Intersects)
            }
            Self::Bool | Self::Ip | Self::Net => matches!(op, Exists | Eq | EqEq | Ne | In | Intersects),
            Self::Text => !matches!(op, BContains | BStartsWith),
            Self::Buffer => matches!(
                op,
                Exists
                    | Eq
                    | EqEq
                    | Ne
                    | Contains
                    | StartsWith
                    | EndsWith
                    | BContains
                    | BStartsWith
                    | In
                    | Intersects
            ),
            Self::Dyn => true,
            Self::Opaque => op == Exists,
        }
    }

    /// The operators that work, for messages.
    pub fn operators(self, list: bool) -> Vec<&'static str> {
        Op::ALL
            .iter()
            .filter(|&&op| if list { allowed_on_list(op) } else { self.allows(op) })
            .map(|op| op.as_str())
            .collect()
    }
}

/// Whether an operator works on list values.
pub fn allowed_on_list(op: Op) -> bool {
    matches!(op, Op::Exists | Op::In | Op::Intersects)
}
