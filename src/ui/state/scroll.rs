//! Whether the thread follows its end, and what of the page the reader should see. Gestures in, three facts out; no
//! heuristics about who moved the page.

/// Within this of the end a downward scroll follows again, CSS pixels.
const NEAR: f64 = 70.0;
/// Beyond this the way back is offered, below the other it is no longer: two bounds, so that it does not flicker.
const OFFER: f64 = 200.0;
const WITHDRAW: f64 = 60.0;
/// A finger that moves less far rests.
const REST: f64 = 4.0;
/// A message that was just sent stands this far below the top of the thread.
pub const LEAD: f64 = 48.0;

/// What the reader did, and what came of it. Lengths in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gesture {
    /// A wheel or trackpad; zooming with Ctrl is no scrolling. `inner`: something within the thread scrolled instead.
    Wheel {
        x: f64,
        y: f64,
        ctrl: bool,
        inner: bool,
    },
    /// A finger moved down by so much, which pulls earlier text into view.
    Drag { y: f64, inner: bool },
    /// Page Up, Home or Arrow Up outside of a field, or an act that is to keep what is read in its place.
    Back,
    /// The position changed by so much, by whomever, and so much is left below; infinitely much where the path goes on
    /// beyond what stands in the page.
    Moved { left: f64, by: f64 },
    /// Text was added at the end.
    Grew,
    /// The button, or a message just sent.
    ToEnd,
}

/// Where the reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    /// The end is followed.
    pub pinned: bool,
    /// The button that leads to the end is shown.
    pub offered: bool,
    /// There is text at the end that was added since it was last seen.
    pub fresh: bool,
}

impl Default for Scroll {
    fn default() -> Self {
        Self {
            pinned: true,
            offered: false,
            fresh: false,
        }
    }
}

impl Scroll {
    /// The state after `gesture`.
    #[must_use]
    pub fn after(self, gesture: Gesture) -> Self {
        let let_go = Self {
            pinned: false,
            ..self
        };
        match gesture {
            Gesture::Wheel {
                x,
                y,
                ctrl: false,
                inner: false,
            } if y < 0.0 && y.abs() >= x.abs() => let_go,
            Gesture::Drag { y, inner: false } if y > REST => let_go,
            Gesture::Back => let_go,
            Gesture::Moved { left, by } => self.moved(left, by),
            Gesture::Grew => Self {
                fresh: !self.pinned,
                ..self
            },
            Gesture::ToEnd => Self::default(),
            Gesture::Wheel { .. } | Gesture::Drag { .. } => self,
        }
    }

    fn moved(self, left: f64, by: f64) -> Self {
        let near = left <= NEAR;
        // Nothing but a reader moves up from the end: with the scroll bar, the browser's find, a screen reader.
        let pinned = if by > 0.0 {
            self.pinned || near
        } else {
            self.pinned && (near || by == 0.0)
        };
        let offered = if self.offered {
            left > WITHDRAW
        } else {
            left > OFFER
        };
        Self {
            pinned,
            offered: offered && !pinned,
            fresh: self.fresh && !pinned,
        }
    }
}

/// Room to be left below the content, so that a message can stand [`LEAD`] below the top of a thread `view` high while
/// only `below` of content begins with it. It shrinks as the answer grows, and nothing moves.
#[must_use]
pub fn spacer(view: f64, below: f64) -> f64 {
    (view - LEAD - below).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wheel(x: f64, y: f64) -> Gesture {
        Gesture::Wheel {
            x,
            y,
            ctrl: false,
            inner: false,
        }
    }

    fn free() -> Scroll {
        Scroll::default().after(Gesture::Back)
    }

    #[test]
    fn any_move_back_lets_go_at_once() {
        let drag = Gesture::Drag {
            y: 9.0,
            inner: false,
        };
        for gesture in [wheel(0.0, -1.0), wheel(3.0, -3.0), drag, Gesture::Back] {
            assert!(!Scroll::default().after(gesture).pinned, "{gesture:?}");
        }
    }

    #[test]
    fn zooming_sideways_moves_and_inner_scrolls_do_not_count() {
        for gesture in [
            Gesture::Wheel {
                x: 0.0,
                y: -9.0,
                ctrl: true,
                inner: false,
            },
            Gesture::Wheel {
                x: 0.0,
                y: -9.0,
                ctrl: false,
                inner: true,
            },
            wheel(20.0, -9.0),
            wheel(0.0, 9.0),
            Gesture::Drag {
                y: 2.0,
                inner: false,
            },
            Gesture::Drag {
                y: -30.0,
                inner: false,
            },
            Gesture::Drag {
                y: 30.0,
                inner: true,
            },
        ] {
            assert_eq!(
                Scroll::default().after(gesture),
                Scroll::default(),
                "{gesture:?}"
            );
        }
    }

    #[test]
    fn coming_near_the_end_follows_again() {
        let moved = |left, by| free().after(Gesture::Moved { left, by }).pinned;
        assert!(!moved(71.0, 5.0));
        assert!(!moved(10.0, -5.0));
        assert!(!moved(10.0, 0.0), "the page grew and nobody moved");
        assert!(moved(70.0, 5.0));
        assert!(!moved(f64::INFINITY, 5.0), "this end is not the end");
    }

    #[test]
    fn moving_up_without_a_gesture_lets_go_too() {
        let moved = |left, by| Scroll::default().after(Gesture::Moved { left, by }).pinned;
        assert!(!moved(400.0, -300.0), "the scroll bar");
        assert!(moved(0.0, -300.0), "the content became shorter");
        assert!(moved(400.0, 0.0), "the content became longer");
        assert!(moved(400.0, 20.0), "on the way down");
    }

    #[test]
    fn the_button_does_not_flicker_between_its_bounds() {
        let up = |state: Scroll, left| state.after(Gesture::Moved { left, by: -1.0 });
        assert!(!up(free(), 200.0).offered);
        let far = up(free(), 201.0);
        assert!(far.offered && up(far, 61.0).offered);
        assert!(!up(far, 60.0).offered);
        assert_eq!(far.after(Gesture::ToEnd), Scroll::default());
        let followed = Scroll::default().after(Gesture::Moved {
            left: 500.0,
            by: 10.0,
        });
        assert!(!followed.offered, "who follows is on the way");
    }

    #[test]
    fn new_text_is_news_only_to_who_does_not_see_it() {
        assert!(!Scroll::default().after(Gesture::Grew).fresh);
        let told = free().after(Gesture::Grew);
        assert!(told.fresh);
        assert!(
            told.after(Gesture::Moved {
                left: 300.0,
                by: -5.0
            })
            .fresh
        );
        assert!(
            !told
                .after(Gesture::Moved {
                    left: 20.0,
                    by: 5.0
                })
                .fresh
        );
        assert!(!told.after(Gesture::ToEnd).fresh);
    }

    #[test]
    fn the_room_below_shrinks_by_what_the_answer_grows() {
        assert!((spacer(800.0, 100.0) - 652.0).abs() < 1e-9);
        assert!((spacer(800.0, 110.0) - 642.0).abs() < 1e-9);
        assert!(spacer(800.0, 752.0).abs() < 1e-9);
        assert!(spacer(800.0, 5_000.0).abs() < 1e-9, "then following starts");
    }
}
