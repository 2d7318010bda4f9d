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

/** The same as {@link Chains}, where delays have a limit: only the last ones are equal, and how that is named is a rule of its own. */
@Configuration
class CappedChains {

	static class Capped extends Chain {

		Capped(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 200, multiplier = 2, maxDelay = 500), numPartitions = "2")
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class CappedIndexed extends Chain {

		CappedIndexed(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 200, multiplier = 2, maxDelay = 500), numPartitions = "2",
				topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE)
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class CappedMultiple extends Chain {

		CappedMultiple(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 200, multiplier = 2, maxDelay = 500), numPartitions = "2",
				sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	@Bean
	Capped cappedSpring(Wire wire) {
		return new Capped(wire, "capped.spring");
	}

	@Bean
	Capped cappedOurs(Wire wire) {
		return new Capped(wire, "capped.ours");
	}

	@Bean
	CappedIndexed cappedIndexedSpring(Wire wire) {
		return new CappedIndexed(wire, "capped.indexed.spring");
	}

	@Bean
	CappedIndexed cappedIndexedOurs(Wire wire) {
		return new CappedIndexed(wire, "capped.indexed.ours");
	}

	@Bean
	CappedMultiple cappedMultipleSpring(Wire wire) {
		return new CappedMultiple(wire, "capped.multiple.spring");
	}

	@Bean
	CappedMultiple cappedMultipleOurs(Wire wire) {
		return new CappedMultiple(wire, "capped.multiple.ours");
	}

}
