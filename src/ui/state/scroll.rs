//! Whether the thread follows its end. Gestures in, two facts out; no heuristics about who moved the page.

/// Within this of the end a downward scroll follows again, CSS pixels.
const NEAR: f64 = 70.0;
/// Beyond this the way back is offered, below the other it is no longer: two bounds, so that it does not flicker.
const OFFER: f64 = 200.0;
const WITHDRAW: f64 = 60.0;

/// What the reader did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gesture {
    /// A wheel or trackpad, CSS pixels; zooming with Ctrl is no scrolling.
    Wheel { x: f64, y: f64, ctrl: bool },
    /// A finger moved down by so much, which pulls earlier text into view.
    Drag { y: f64 },
    /// Page Up, Home or Arrow Up outside of a field.
    Back,
    /// The position changed, by whomever: what is left below, and whether it went down.
    Moved { left: f64, down: bool },
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
}

impl Default for Scroll {
    fn default() -> Self {
        Self {
            pinned: true,
            offered: false,
        }
    }
}

impl Scroll {
    /// The state after `gesture`.
    #[must_use]
    pub fn after(self, gesture: Gesture) -> Self {
        match gesture {
            Gesture::Wheel { x, y, ctrl } if !ctrl && y < 0.0 && y.abs() >= x.abs() => Self {
                pinned: false,
                ..self
            },
            Gesture::Drag { y } if y > 4.0 => Self {
                pinned: false,
                ..self
            },
            Gesture::Back => Self {
                pinned: false,
                ..self
            },
            Gesture::Moved { left, down } => Self {
                pinned: self.pinned || (down && left <= NEAR),
                offered: if self.offered {
                    left > WITHDRAW
                } else {
                    left > OFFER && !self.pinned
                },
            },
            Gesture::ToEnd => Self {
                pinned: true,
                offered: false,
            },
            Gesture::Wheel { .. } | Gesture::Drag { .. } => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_move_back_lets_go_at_once() {
        for gesture in [
            Gesture::Wheel {
                x: 0.0,
                y: -1.0,
                ctrl: false,
            },
            Gesture::Drag { y: 9.0 },
            Gesture::Back,
        ] {
            assert!(!Scroll::default().after(gesture).pinned, "{gesture:?}");
        }
    }

    #[test]
    fn zooming_and_sideways_moves_do_not_count() {
        for gesture in [
            Gesture::Wheel {
                x: 0.0,
                y: -9.0,
                ctrl: true,
            },
            Gesture::Wheel {
                x: 20.0,
                y: -9.0,
                ctrl: false,
            },
            Gesture::Wheel {
                x: 0.0,
                y: 9.0,
                ctrl: false,
            },
            Gesture::Drag { y: 2.0 },
        ] {
            assert!(Scroll::default().after(gesture).pinned, "{gesture:?}");
        }
    }

    #[test]
    fn coming_near_the_end_follows_again() {
        let free = Scroll {
            pinned: false,
            offered: true,
        };
        assert!(
            !free
                .after(Gesture::Moved {
                    left: 71.0,
                    down: true
                })
                .pinned
        );
        assert!(
            !free
                .after(Gesture::Moved {
                    left: 10.0,
                    down: false
                })
                .pinned
        );
        assert!(
            free.after(Gesture::Moved {
                left: 70.0,
                down: true
            })
            .pinned
        );
    }

    #[test]
    fn the_button_does_not_flicker_between_its_bounds() {
        let free = Scroll {
            pinned: false,
            offered: false,
        };
        assert!(
            !free
                .after(Gesture::Moved {
                    left: 200.0,
                    down: false
                })
                .offered
        );
        let far = free.after(Gesture::Moved {
            left: 201.0,
            down: false,
        });
        assert!(
            far.offered
                && far
                    .after(Gesture::Moved {
                        left: 100.0,
                        down: true
                    })
                    .offered
        );
        assert!(
            !far.after(Gesture::Moved {
                left: 60.0,
                down: true
            })
            .offered
        );
        assert_eq!(far.after(Gesture::ToEnd), Scroll::default());
    }
}
