package consumer;

import io.inferc.BackendInfo;
import io.inferc.Inferc;

/** Prints which inferc an application has got, and its back ends. */
public final class Consumer {
  private Consumer() {}

  /**
   * Prints them.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    System.out.println("inferc " + Inferc.version());
    for (BackendInfo backend : Inferc.backends()) {
      System.out.println("back end " + backend.name());
    }
  }
}
