package dev.weir.service.config;

/**
 * A configuration that cannot be used; the message says which value, where, and what is expected.
 */
public final class ConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }
}
