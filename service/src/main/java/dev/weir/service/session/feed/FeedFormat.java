package dev.weir.service.session.feed;

/** How a feed's readings are encoded. */
public enum FeedFormat {
  /** Stored batches as entries of a delivery. */
  COLUMNS,
  /** Readings as entries of a delivery. */
  ROWS,
  /** Readings as entries of a page. */
  PAGE
}
