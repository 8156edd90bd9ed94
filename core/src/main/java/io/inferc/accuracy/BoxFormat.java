package io.inferc.accuracy;

/** What the four numbers of a box are; units do not matter as long as all boxes share them. */
public enum BoxFormat {
  /** Two opposite corners: x1, y1, x2, y2, or y1, x1, y2, x2. */
  CORNERS,
  /** The middle, then width and height: x, y, w, h. */
  CENTER_AND_SIZE,
  /** The corner next to the origin, then width and height: x, y, w, h. */
  CORNER_AND_SIZE
}
