package dev.weir.service.session.feed;

/** The encoding of a feed's readings. */
public enum FeedFormat {
  /** Stored batches as entries of a delivery. */
  COLUMNS,
  /** Readings as entries of a delivery. */
  ROWS,
  /** Readings as entries of a page. */
  PAGE
}
