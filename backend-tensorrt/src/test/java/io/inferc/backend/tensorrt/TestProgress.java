package io.inferc.backend.tensorrt;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Prints each test as it begins and ends, so that the last line before a crash says where. */
final class TestProgress implements TestExecutionListener {
  @Override
  public void executionStarted(TestIdentifier test) {
    if (test.isTest()) {
      BenchmarkReport.say("  … " + test.getDisplayName());
    }
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (test.isTest() || result.getThrowable().isPresent()) {
      BenchmarkReport.say(
          "  "
              + result.getStatus()
              + " "
              + test.getDisplayName()
              + result.getThrowable().map(t -> ": " + t).orElse(""));
    }
  }
}
