package io.inferc.examples;

/**
 * A command line that cannot be understood. The message says all of it, so there is no stack trace.
 */
final class UsageException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  UsageException(String problem, String usage) {
    super(problem + "\n" + usage);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
