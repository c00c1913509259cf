package dev.weir.it.squeeze;

/** The topics of a squeeze, besides that of the honest. Stateless. */
final class SqueezeTopics {
  /** The long log. */
  static final String LOG = "log";

  static final int LOG_PARTITIONS = 64;

  /** The one with many sensors. */
  static final String MANY = "many";

  static final int MANY_PARTITIONS = 4;

  /** The one in which nothing happens. */
  static final String IDLE = "idle";

  /** The topic that abusers publish to and define sensors in; it is deleted after each abuse. */
  static final String SPAM = "spam";

  private SqueezeTopics() {}
}
