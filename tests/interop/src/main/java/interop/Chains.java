package interop;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.BackOff;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.retrytopic.RetryTopicHeaders;
import org.springframework.kafka.retrytopic.SameIntervalTopicReuseStrategy;
import org.springframework.kafka.retrytopic.TopicSuffixingStrategy;
import org.springframework.messaging.handler.annotation.Header;

/** Chains of five deliveries that are shared with the Rust side, two of each kind: one begins here, one there. */
@Configuration
class Chains {

	static class Delayed extends Chain {

		Delayed(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 200, multiplier = 2), numPartitions = "2")
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class Indexed extends Chain {

		Indexed(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 200, multiplier = 2), numPartitions = "2",
				topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE)
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class Multiple extends Chain {

		Multiple(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 300), numPartitions = "2",
				sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class Single extends Chain {

		Single(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 300), numPartitions = "2")
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	@Bean
	Delayed delayedFromSpring(Wire wire) {
		return new Delayed(wire, "delayed.spring");
	}

	@Bean
	Delayed delayedFromOurs(Wire wire) {
		return new Delayed(wire, "delayed.ours");
	}

}
