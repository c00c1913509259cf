package dev.weir.service.core.fault;

/** Carries a {@link Fault} out of code that cannot return it. Has no stack trace: it is no bug. */
public final class FaultException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient Fault fault;

  FaultException(Fault fault) {
    super(fault.code() + ": " + fault.message(), null, false, false);
    this.fault = fault;
  }

  /** Returns the fault. */
  public Fault fault() {
    return fault;
  }
}
