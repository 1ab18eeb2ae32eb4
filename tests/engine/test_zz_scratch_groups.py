import json
from tests.serving import Client


async def test_scratch(client: Client) -> None:
    await client.data(
        'mutation { createOpportunities(data: [{name:"a", stage: NEW, amount:{amountMicros:10, currencyCode:"EUR"}, closeDate:"2026-01-15T10:00:00Z", company:{create:{name:"Acme"}}}, {name:"", stage: CUSTOMER, closeDate:"2025-12-31T23:30:00Z", probability: 0.5}, {stage: CUSTOMER, amount:{amountMicros:25}}, {name:"b", stage: CUSTOMER, amount:{amountMicros:25}}]) { id } }'
    )
    for q in [
        "{opportunities(first:1){totalCount sumAmountAmountMicros avgAmountAmountMicros minAmountAmountMicros countEmptyName countNotEmptyName countUniqueValuesName percentageEmptyName countUniqueValuesAmount countEmptyAmount minCloseDate maxCloseDate avgProbability sumProbability edges{node{name}} countNotEmptyId countUniqueValuesCreatedBy countUniqueValuesSearchVector}}",
        "{companies{edges{node{name opportunities{totalCount sumAmountAmountMicros countNotEmptyId} people{avg: countEmptyCity percentageEmptyCity}}}}}",
        "{opportunitiesGroupBy(groupBy:[{stage:true}],orderBy:[{aggregate:{totalCount:DescNullsLast}}]){groupByDimensionValues totalCount}}",
        "{opportunitiesGroupBy(groupBy:[{closeDate:{granularity:MONTH}}],orderBy:[{closeDate:{orderBy:AscNullsLast,granularity:MONTH}}]){groupByDimensionValues totalCount}}",
        '{opportunitiesGroupBy(groupBy:[{closeDate:{granularity:MONTH,timeZone:"Europe/Paris"}},{company:{name:true}},{amount:{currencyCode:true}}, {probability:true}]){groupByDimensionValues totalCount sumAmountAmountMicros edges{cursor node{name company{name people{totalCount}}}} pageInfo{hasNextPage startCursor endCursor}}}',
        "{opportunitiesGroupBy(groupBy:[{stage:true}],orderByForRecords:[{name:DescNullsLast}]){edges{node{name}} pageInfo{hasNextPage}}}",
        "{peopleGroupBy(groupBy:[{city:true,jobTitle:true}]){groupByDimensionValues totalCount}}",
        "{peopleGroupBy(groupBy:[{nope:true}]){groupByDimensionValues totalCount}}",
        '{opportunitiesGroupBy(groupBy:[{closeDate:{granularity:WEEK,timeZone:"Mars/X", weekStartDay:SUNDAY}}]){groupByDimensionValues}}',
        '{opportunitiesGroupBy(groupBy:[{closeDate:{granularity:MONTH_OF_THE_YEAR}}], orderBy:{sumAmountAmountMicros:DescNullsFirst}, viewId:"x"){groupByDimensionValues}}',
        "{opportunitiesGroupBy(groupBy:[{createdBy:{source:true}},{id:true},{position:true},{createdBy:{context:true}},{company:{createdAt:{granularity:YEAR}}},{createdAt:true}], limit:2){groupByDimensionValues}}",
    ]:
        print(q)
        print(json.dumps(await client.ask(q), indent=None)[:1500])
        print()
    assert 0
