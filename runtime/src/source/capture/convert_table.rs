//! What is done with events of old shapes: one row for each type and number of parameters.
//!
//! Rows are ordered by type, then by number of parameters, so that the rows of a type lie together.
//! A type without rows is delivered as it is, or is a system call's enter event and dropped.

use Source::{ContainerJson, Default, Empty, Enter, EnterOrEmpty, Old};
use peregrine_compiler::schema::EventCode;

/// One step of a conversion.
#[derive(Debug)]
pub(super) struct Rule {
    /// Type of the event.
    pub(super) code: EventCode,
    /// Number of parameters that it has.
    pub(super) nparams: u8,
    pub(super) action: Action,
}

/// What to do.
#[derive(Debug)]
pub(super) enum Action {
    /// Append parameters.
    Add(&'static [Source]),
    /// Make it an event of another type with these parameters.
    Change(EventCode, &'static [Source]),
    /// Keep an enter event for its exit event.
    Store,
    /// The same, and deliver it too.
    StoreAndPass,
    /// Deliver it as it is.
    Pass,
}

/// Where a parameter comes from.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// The event itself.
    Old(u8),
    /// The stored enter event; without one as [`Source::Default`].
    Enter(u8),
    /// The stored enter event; without one as [`Source::Empty`].
    EnterOrEmpty(u8),
    /// A number 0 of the parameter's width; no bytes for texts and buffers.
    Default,
    /// No bytes.
    Empty,
    /// The four parameters of an old container event as JSON.
    ContainerJson,
}

/// Most parameters that a row makes.
pub(super) const MAX_PARAMS: usize = 32;

const fn rule(code: u16, nparams: u8, action: Action) -> Rule {
    Rule { code: EventCode(code), nparams, action }
}

const fn add(code: u16, nparams: u8, sources: &'static [Source]) -> Rule {
    rule(code, nparams, Action::Add(sources))
}

const fn change(code: u16, nparams: u8, to: u16, sources: &'static [Source]) -> Rule {
    rule(code, nparams, Action::Change(EventCode(to), sources))
}

const fn store(code: u16, nparams: u8) -> Rule {
    rule(code, nparams, Action::Store)
}

const fn store_and_pass(code: u16, nparams: u8) -> Rule {
    rule(code, nparams, Action::StoreAndPass)
}

const fn pass(code: u16, nparams: u8) -> Rule {
    rule(code, nparams, Action::Pass)
}

/// The rule for events of this type with so many parameters.
pub(super) fn rule_for(code: EventCode, nparams: usize) -> Option<&'static Rule> {
    let key = (code.0, u8::try_from(nparams).ok()?);
    let at = RULES.binary_search_by_key(&key, |r| (r.code.0, r.nparams)).ok()?;
    RULES.get(at)
}

/// All rules.
#[rustfmt::skip]
pub(super) static RULES: [Rule; 253] = [
    store(0, 2),
    add(1, 1, &[EnterOrEmpty(1)]),
    add(2, 0, &[Empty, Empty, Empty]),
    pass(2, 3),
    add(3, 4, &[Empty]),
    add(3, 5, &[Empty]),
    store(4, 1),
    add(5, 1, &[Enter(0)]),
    store(6, 2),
    add(7, 2, &[Enter(0), Enter(1)]),
    store(8, 2),
    add(9, 2, &[Enter(0), Enter(1)]),
    store(10, 1),
    change(11, 1, 159, &[Old(0), EnterOrEmpty(0), Empty, Empty, Empty]),
    change(12, 0, 154, &[]),
    change(13, 8, 155, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Empty, Empty, Empty, Empty, Empty,
    ]),
    change(15, 11, 157, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Empty, Empty, Empty, Empty, Empty,
        Old(8), Old(9), Old(10),
    ]),
    change(16, 0, 186, &[Empty, Empty, Empty, Empty, Empty]),
    store(18, 3),
    add(19, 1, &[Enter(0), Enter(1), Enter(2)]),
    add(19, 4, &[Default]),
    store(20, 1),
    add(21, 2, &[Enter(0)]),
    add(22, 1, &[Default]),
    store_and_pass(22, 2),
    add(23, 2, &[Enter(0)]),
    add(23, 3, &[Enter(1)]),
    store(24, 2),
    add(25, 1, &[Enter(0), Enter(1)]),
    change(27, 3, 247, &[Old(0), Old(1), Old(2), Default, Default]),
    store(28, 2),
    add(29, 2, &[Enter(0), Enter(1), Default]),
    store(30, 3),
    add(31, 2, &[Enter(0), Enter(1), Enter(2)]),
    store(32, 2),
    add(33, 2, &[Enter(0), Enter(1), Default]),
    store(34, 2),
    add(35, 3, &[Enter(0), Enter(1)]),
    store(36, 2),
    add(37, 1, &[Enter(0), Enter(1)]),
    store(42, 3),
    add(43, 5, &[Enter(0), Enter(1), Enter(2)]),
    store(48, 3),
    add(49, 2, &[Enter(0), Enter(1), Enter(2)]),
    add(51, 0, &[Default, Empty, Empty, Empty, Empty]),
    store(52, 1),
    add(53, 4, &[Default]),
    add(53, 5, &[Enter(0)]),
    add(55, 0, &[Default, Empty, Empty, Empty, Empty, Empty]),
    store(56, 1),
    change(57, 3, 389, &[Old(0), Old(1), Old(2), Default, Default, Enter(0)]),
    add(58, 0, &[Empty, Empty]),
    pass(58, 2),
    add(59, 3, &[Empty]),
    add(59, 4, &[Empty]),
    add(59, 5, &[Empty]),
    store(62, 2),
    add(63, 1, &[Enter(0), Enter(1)]),
    store(64, 3),
    add(65, 1, &[Enter(0), Enter(1), Enter(2)]),
    store(70, 1),
    add(71, 1, &[Enter(0)]),
    store(78, 1),
    add(79, 1, &[Enter(0)]),
    store(80, 2),
    add(81, 2, &[Enter(1)]),
    change(85, 1, 83, &[Old(0)]),
    store(86, 3),
    add(87, 1, &[Enter(0), Enter(1), Enter(2)]),
    store(88, 3),
    add(89, 1, &[Enter(0), Enter(1), Enter(2)]),
    store(90, 2),
    change(91, 1, 171, &[Old(0), EnterOrEmpty(0), EnterOrEmpty(1), Empty]),
    store(96, 1),
    add(97, 1, &[EnterOrEmpty(0)]),
    store(98, 2),
    change(99, 1, 277, &[Old(0), EnterOrEmpty(0), EnterOrEmpty(1)]),
    store(100, 1),
    change(101, 1, 279, &[Old(0), EnterOrEmpty(0)]),
    store(102, 4),
    change(103, 1, 307, &[
        Old(0), EnterOrEmpty(0), EnterOrEmpty(1), EnterOrEmpty(2), EnterOrEmpty(3), Empty, Empty,
    ]),
    store(104, 2),
    change(105, 1, 309, &[Old(0), EnterOrEmpty(0), EnterOrEmpty(1)]),
    store(106, 4),
    change(107, 1, 311, &[
        Old(0), EnterOrEmpty(0), EnterOrEmpty(1), EnterOrEmpty(2), EnterOrEmpty(3), Empty,
    ]),
    store(108, 1),
    change(109, 1, 301, &[Old(0), EnterOrEmpty(0)]),
    store(110, 2),
    change(111, 1, 303, &[Old(0), EnterOrEmpty(0), EnterOrEmpty(1), Empty]),
    store(112, 3),
    add(113, 2, &[Enter(0), Enter(1), Enter(2)]),
    store(114, 3),
    add(115, 2, &[Enter(0), Enter(1), Enter(2)]),
    store(116, 1),
    add(117, 3, &[Enter(0)]),
    store(118, 2),
    add(119, 2, &[Enter(0), Enter(1)]),
    store(120, 2),
    add(121, 3, &[Enter(0), Enter(1)]),
    store(122, 3),
    add(123, 2, &[Enter(0), Enter(1), Enter(2)]),
    store(124, 1),
    change(125, 1, 367, &[Old(0), EnterOrEmpty(0)]),
    store(126, 3),
    add(127, 1, &[Enter(0), Enter(1), Enter(2)]),
    store(128, 2),
    add(129, 1, &[Enter(0), Enter(1)]),
    store(130, 2),
    add(131, 1, &[Enter(0), Enter(1)]),
    store(132, 3),
    add(133, 1, &[Enter(0), Enter(1), Enter(2)]),
    store(134, 1),
    add(135, 1, &[Enter(0)]),
    store(136, 2),
    add(137, 1, &[Enter(0), Enter(1)]),
    store(138, 1),
    add(139, 1, &[Enter(0)]),
    store(140, 1),
    add(141, 3, &[Enter(0)]),
    store(142, 1),
    add(143, 3, &[Enter(0)]),
    store(144, 2),
    add(145, 5, &[EnterOrEmpty(0), EnterOrEmpty(1)]),
    change(146, 1, 152, &[Old(0), Empty, Empty, Empty, Empty, Empty]),
    store(150, 2),
    add(151, 1, &[Enter(0), Enter(1)]),
    add(151, 3, &[Default]),
    change(154, 0, 172, &[]),
    change(155, 13, 173, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Empty,
    ]),
    change(157, 16, 217, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Empty, Old(13), Old(14), Old(15),
    ]),
    store(158, 1),
    add(159, 4, &[EnterOrEmpty(0)]),
    store(160, 6),
    add(161, 4, &[Enter(0), Enter(1), Enter(2), Enter(3), Enter(4), Enter(5)]),
    store(162, 6),
    add(163, 4, &[Enter(0), Enter(1), Enter(2), Enter(3), Enter(4), Enter(5)]),
    store(164, 2),
    add(165, 4, &[Enter(0), Enter(1)]),
    store(166, 4),
    add(167, 1, &[Enter(0), Enter(1), Enter(2), Enter(3)]),
    store(168, 2),
    add(169, 0, &[Empty, Empty, Empty]),
    add(169, 3, &[EnterOrEmpty(0), EnterOrEmpty(1)]),
    store(170, 3),
    add(171, 1, &[Enter(0), Enter(1), Enter(2)]),
    change(172, 0, 214, &[]),
    change(173, 14, 215, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Empty, Old(13),
    ]),
    change(183, 16, 219, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Empty, Old(13), Old(14), Old(15),
    ]),
    change(185, 16, 221, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Empty, Old(13), Old(14), Old(15),
    ]),
    store(188, 4),
    add(189, 2, &[Enter(0), Enter(1), Enter(3)]),
    store(190, 4),
    add(191, 14, &[Enter(0), Enter(1), Enter(2), Enter(3)]),
    store(192, 3),
    add(193, 1, &[EnterOrEmpty(0), EnterOrEmpty(1), EnterOrEmpty(2)]),
    store(194, 3),
    add(195, 1, &[EnterOrEmpty(0), EnterOrEmpty(1), EnterOrEmpty(2)]),
    store(198, 1),
    add(199, 1, &[EnterOrEmpty(0)]),
    store(200, 1),
    add(201, 1, &[EnterOrEmpty(0)]),
    change(214, 0, 230, &[]),
    change(215, 15, 231, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Old(13), Empty, Old(14),
    ]),
    change(217, 17, 223, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Old(13), Empty, Old(14), Old(15), Old(16), Empty, Empty,
    ]),
    change(219, 17, 225, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Old(13), Empty, Old(14), Old(15), Old(16), Empty, Empty,
    ]),
    change(221, 17, 227, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Old(13), Empty, Old(14), Old(15), Old(16), Empty, Empty,
    ]),
    add(223, 20, &[Empty]),
    add(225, 20, &[Empty]),
    add(227, 20, &[Empty]),
    change(228, 4, 272, &[ContainerJson]),
    change(230, 0, 282, &[]),
    change(231, 16, 283, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Old(13), Old(14), Old(15), Empty,
    ]),
    store(236, 1),
    add(237, 1, &[Enter(0)]),
    store(238, 1),
    add(239, 1, &[Enter(0)]),
    store(240, 2),
    add(241, 1, &[EnterOrEmpty(0), EnterOrEmpty(1)]),
    store(242, 2),
    add(243, 1, &[Enter(0), Enter(1)]),
    store(248, 1),
    change(249, 5, 389, &[Old(0), Old(1), Old(2), Old(3), Old(4), Enter(0)]),
    store(250, 1),
    add(251, 8, &[Enter(0)]),
    store(252, 4),
    add(253, 1, &[Enter(0), Enter(1), Enter(2), Enter(3)]),
    store(254, 3),
    add(255, 2, &[Enter(1), Enter(2)]),
    store(256, 1),
    add(257, 4, &[Enter(0)]),
    change(259, 2, 387, &[Old(0), Old(1)]),
    store(262, 3),
    add(263, 1, &[Enter(0), Enter(1), Enter(2)]),
    store(264, 1),
    add(265, 2, &[Enter(0)]),
    change(272, 1, 324, &[Old(0)]),
    store(276, 1),
    add(277, 2, &[EnterOrEmpty(0)]),
    change(282, 0, 288, &[Empty]),
    change(283, 17, 289, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Old(13), Old(14), Old(15), Old(16),
    ]),
    store(284, 1),
    add(285, 1, &[Enter(0)]),
    change(288, 1, 292, &[Old(0)]),
    change(289, 17, 293, &[
        Old(0), Old(1), Old(2), Old(3), Old(4), Old(5), Old(6), Old(7), Old(8), Old(9), Old(10), Old(11),
        Old(12), Old(13), Old(14), Old(15), Old(16), Empty,
    ]),
    store_and_pass(292, 1),
    add(293, 18, &[Empty]),
    add(293, 19, &[Empty]),
    add(293, 20, &[Empty, Empty, Empty]),
    add(293, 23, &[Empty, Empty, Empty]),
    add(293, 26, &[Empty]),
    add(293, 27, &[Empty]),
    add(293, 28, &[Empty]),
    add(293, 29, &[Empty]),
    add(293, 30, &[EnterOrEmpty(0)]),
    store(294, 2),
    add(295, 1, &[EnterOrEmpty(0), EnterOrEmpty(1)]),
    store(296, 1),
    change(297, 1, 369, &[Old(0), EnterOrEmpty(0)]),
    add(298, 1, &[Default]),
    store(298, 2),
    add(299, 1, &[Enter(0), Enter(1)]),
    add(306, 0, &[Empty, Empty, Empty, Empty]),
    pass(306, 4),
    add(307, 5, &[Empty]),
    add(307, 6, &[Empty]),
    add(326, 0, &[Empty, Empty, Empty, Empty, Empty]),
    pass(326, 5),
    add(327, 6, &[Empty, Empty]),
    store(328, 3),
    add(329, 1, &[Enter(0), Enter(1), Enter(2)]),
    pass(330, 3),
    add(331, 19, &[Empty]),
    add(331, 20, &[Empty, Empty, Empty]),
    add(331, 23, &[Empty, Empty, Empty]),
    add(331, 26, &[Empty]),
    add(331, 27, &[Empty]),
    add(331, 28, &[Empty]),
    add(331, 29, &[Empty]),
    store(332, 3),
    add(333, 3, &[Enter(0), Enter(1), Enter(2)]),
    add(335, 20, &[Empty]),
    store(374, 1),
    add(375, 1, &[Enter(0)]),
    store(376, 1),
    add(377, 1, &[Enter(0)]),
    store(388, 1),
    add(389, 5, &[Enter(0)]),
    store(390, 1),
    add(391, 2, &[Enter(0)]),
    store(396, 1),
    add(397, 2, &[Enter(0)]),
    store(398, 2),
    add(399, 2, &[Enter(0), Enter(1)]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Direction, EventFlags, info};
    use std::path::PathBuf;

    fn sources(action: &Action) -> &'static [Source] {
        match action {
            Action::Add(sources) | Action::Change(_, sources) => sources,
            _ => &[],
        }
    }

    #[test]
    fn rows_are_in_order() {
        let keys: Vec<_> = RULES.iter().map(|r| (r.code.0, r.nparams)).collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(rule_for(EventCode(3), 5).map(|r| r.code), Some(EventCode(3)));
        assert!(rule_for(EventCode(3), 6).is_none() && rule_for(EventCode(3), 256 + 5).is_none());
    }

    #[test]
    fn rows_fit_the_event_types() {
        for rule in &RULES {
            let event = info(rule.code).unwrap();
            let at = format!("{} with {}", event.ident, rule.nparams);
            assert!(event.flags.contains(EventFlags::CONVERTER_MANAGED), "{at}");
            let made = match rule.action {
                Action::Add(sources) => {
                    assert!(!sources.is_empty(), "{at}");
                    Some((event, usize::from(rule.nparams) + sources.len()))
                }
                Action::Change(to, sources) => Some((info(to).unwrap(), sources.len())),
                Action::Store | Action::StoreAndPass => {
                    assert_eq!(event.direction(), Direction::Enter, "{at}");
                    None
                }
                Action::Pass => None,
            };
            if let Some((made, nparams)) = made {
                assert!(nparams <= made.params.len() && nparams <= MAX_PARAMS, "{at}");
            }
            for source in sources(&rule.action) {
                match source {
                    Old(i) => assert!(*i < rule.nparams, "{at}"),
                    Enter(i) | EnterOrEmpty(i) => {
                        let enter = info(EventCode(rule.code.0 - 1)).unwrap();
                        assert!(usize::from(*i) < enter.params.len(), "{at}");
                    }
                    Default | Empty | ContainerJson => {}
                }
            }
        }
    }

    #[test]
    fn every_row_leads_to_the_current_shape() {
        for rule in &RULES {
            let (mut code, mut nparams) = (rule.code, usize::from(rule.nparams));
            for step in 0.. {
                assert!(step < 20, "{code:?} with {nparams}");
                match rule_for(code, nparams).map(|r| &r.action) {
                    Some(Action::Add(sources)) => nparams += sources.len(),
                    Some(Action::Change(to, sources)) => (code, nparams) = (*to, sources.len()),
                    Some(_) => break,
                    None => {
                        let end = info(code).unwrap();
                        assert!(!end.is_old(), "{} leads to {}", rule.code.0, end.ident);
                        assert_eq!(nparams, end.params.len(), "{} leads to {}", rule.code.0, end.ident);
                        break;
                    }
                }
            }
        }
    }

    fn written(source: Source) -> String {
        match source {
            Old(i) => format!("old[{i}]"),
            Enter(i) => format!("enter[{i}]"),
            EnterOrEmpty(i) => format!("enter[{i}]|empty-if-missing"),
            Default => "default".to_owned(),
            Empty => "empty".to_owned(),
            ContainerJson => "callback|empty-if-missing".to_owned(),
        }
    }

    /// A rule as the reference table writes it.
    fn row(rule: &Rule) -> String {
        let (action, target) = match rule.action {
            Action::Add(_) => ("ADD_PARAMS", ""),
            Action::Change(to, _) => ("CHANGE_TYPE", info(to).unwrap().ident),
            Action::Store => ("STORE", ""),
            Action::StoreAndPass => ("STORE_AND_PASS", ""),
            Action::Pass => ("PASS", ""),
        };
        let sources: Vec<_> = sources(&rule.action).iter().copied().map(written).collect();
        let ident = info(rule.code).unwrap().ident;
        format!("{}\t{ident}\t{}\t{action}\t{target}\t{}", rule.code.0, rule.nparams, sources.join(", "))
    }

    #[test]
    fn conformance_of_the_table() {
        let root = std::env::var_os("PEREGRINE_CONFORMANCE").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance")),
            PathBuf::from,
        );
        let path = root.join("../reference/converter.tsv");
        let Ok(reference) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: no {}", path.display());
            return;
        };
        let expected: Vec<&str> = reference.lines().skip(1).collect();
        let found: Vec<String> = RULES.iter().map(row).collect();
        assert_eq!(found, expected);
    }
}
