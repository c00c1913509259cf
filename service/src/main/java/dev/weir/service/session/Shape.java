package dev.weir.service.session;

/** How a feed's readings are encoded. */
enum Shape {
  /** Stored batches as entries of a delivery. */
  COLUMNS,
  /** Readings as entries of a delivery. */
  ROWS,
  /** Readings as entries of a page. */
  PAGE
}
