package io.candlewick.connector.rabbitmq.source;

import io.candlewick.connector.rabbitmq.TestBroker;
import org.apache.flink.connector.testframe.TestResource;
import org.apache.flink.connector.testframe.environment.MiniClusterTestEnvironment;
import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.junit.annotations.TestContext;
import org.apache.flink.connector.testframe.junit.annotations.TestEnv;
import org.apache.flink.connector.testframe.junit.annotations.TestExternalSystem;
import org.apache.flink.connector.testframe.junit.annotations.TestSemantics;
import org.apache.flink.connector.testframe.testsuites.SourceTestSuiteBase;
import org.apache.flink.core.execution.CheckpointingMode;

/**
 * Flink's own suite for sources: single and several splits, savepoint, scale up, scale down,
 * metrics, an idle reader and the failure of a TaskManager.
 */
class ConformanceITCase extends SourceTestSuiteBase<String> {
  @TestSemantics CheckpointingMode[] semantics = {CheckpointingMode.EXACTLY_ONCE};

  @TestEnv MiniClusterTestEnvironment environment = new MiniClusterTestEnvironment();

  @TestExternalSystem Broker broker = new Broker();

  @TestContext ExternalContextFactory<ConformanceContext> contexts = ConformanceContext.factory();

  /** The broker runs already; this only says clearly when it does not. */
  static final class Broker implements TestResource {
    @Override
    public void startUp() {
      TestBroker.uri();
    }

    @Override
    public void tearDown() {}
  }
}
